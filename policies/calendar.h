#pragma once

#include "policies/access.h"

namespace policies::calendar {

using access::Day;

/// Easter Sunday of a year of the Gregorian calendar.
Day easter(int year);

/// Whether offices work: not on Saturdays, Sundays and the civil holidays of the Republic.  The
/// patron's day is each town's own and is not among them: a term counted without it ends sooner,
/// never later, than the law allows.
///
/// Source  L. 260/1949 art. 2; L. 54/1977; DPR 792/1985; L. 336/2000 (2 June); L. 151/2025
///         (4 October, from 2026).
bool is_working_day(const Day& day);

/// The day `count` working days after `day`, which does not count itself.
Day add_working_days(const Day& day, int count);

}  // namespace policies::calendar
