/* time_of_day.h - the time of day without its jumps.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TIME_OF_DAY_H
#define SCEAU_TIME_OF_DAY_H

#include <stdint.h>

/* Nanoseconds since 1970 as the wall clock said when the process first asked,
   and since then as many as have really passed (suspended time included). A
   clock that is set while the process lives does not show here: what expires
   after an hour does so after an hour. Any thread. */
uint64_t sceau_time_of_day_ns(void);

#endif
