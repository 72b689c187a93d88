//! What happens to one patient, in whole days from the first dose of immunotherapy.

/// Best overall response by RECIST 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Response {
    /// Complete response.
    Complete,
    /// Partial response.
    Partial,
    /// Stable disease.
    Stable,
    /// Progressive disease at the first scan.
    Progressive,
}

impl Response {
    /// The usual two-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Complete => "CR",
            Self::Partial => "PR",
            Self::Stable => "SD",
            Self::Progressive => "PD",
        }
    }

    /// Complete or partial.
    #[must_use]
    pub fn is_objective(self) -> bool {
        matches!(self, Self::Complete | Self::Partial)
    }
}

/// How progression-free survival ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A scan shows progression.
    Progression,
    /// Death before any documented progression.
    Death,
    /// Still free of progression at the last scan.
    Censored,
}

/// One patient's course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Radiotherapy during immunotherapy.
    pub radiotherapy: bool,
    /// Best overall response.
    pub response: Response,
    /// Day on which progression would be seen; after death when the patient dies of something else.
    pub progression: i32,
    /// Day of death, were it observed.
    pub death: i32,
    /// Day on which follow-up ends if the patient lives.
    pub follow_up: i32,
    /// Days from the last scan to the end of follow-up.
    pub scan_lag: i32,
}

impl Outcome {
    /// The last day on which a scan can have been made.
    #[must_use]
    pub fn last_scan(&self) -> i32 {
        self.follow_up - self.scan_lag
    }

    /// Overall survival: days and whether death was observed.
    #[must_use]
    pub fn overall_survival(&self) -> (i32, bool) {
        // a death on the last day of follow-up is still seen
        (self.death.min(self.follow_up), self.death <= self.follow_up)
    }

    /// Progression-free survival: days and how it ends.
    #[must_use]
    pub fn progression_free_survival(&self) -> (i32, Ending) {
        // progression after the last scan, or after death, is seen by nobody
        if self.progression <= self.last_scan().min(self.death) {
            (self.progression, Ending::Progression)
        } else if self.death <= self.follow_up {
            (self.death, Ending::Death)
        } else {
            // between the last scan and the last contact nothing is known of progression
            (self.last_scan(), Ending::Censored)
        }
    }

    /// Whether scans can be laid out that show this course: room for a first scan, and for a
    /// response and its confirmation at least four weeks later.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let (days, ending) = self.progression_free_survival();
        // nobody is scanned on the day of death
        let scanned = self.last_scan().min(self.death - 1);
        // time for the scan that shows progression before death, or death first
        let in_order = (self.progression + 10 <= self.death || self.progression > self.death)
            && (60..=2200).contains(&self.follow_up)
            && self.death <= 9000;
        in_order
            && match self.response {
                Response::Progressive => {
                    // progression at the first scan, so its day is that scan's
                    (35..=90).contains(&self.progression) && ending == Ending::Progression
                }
                // a first scan fits from day 42 on
                Response::Stable => days >= 63 && scanned >= 44,
                // a first scan, and a second one at least four weeks after it
                Response::Complete | Response::Partial => days >= 105 && scanned >= 90,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(progression: i32, death: i32, follow_up: i32) -> Outcome {
        let response = Response::Stable;
        Outcome { radiotherapy: false, response, progression, death, follow_up, scan_lag: 20 }
    }

    #[test]
    fn progression_counts_only_when_a_scan_can_show_it() {
        let seen = outcome(100, 300, 200);
        assert_eq!(seen.progression_free_survival(), (100, Ending::Progression));
        // the last scan is 20 days before the end, on day 180
        let too_late = outcome(190, 300, 200);
        assert_eq!(too_late.progression_free_survival(), (180, Ending::Censored));
        // death on the last day of follow-up counts, the progression that no scan saw does
        // not
        let died = outcome(190, 200, 200);
        assert_eq!(died.progression_free_survival(), (200, Ending::Death));
        assert_eq!(died.overall_survival(), (200, true));
        assert_eq!(too_late.overall_survival(), (200, false));
    }
}
