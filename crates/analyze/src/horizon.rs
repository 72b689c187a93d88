//! Times of follow-up that a pipeline names.

use engine::Mistake;
use study::{AtRisk, Part, Span, StudySettings};

/// A time that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Horizon {
    /// In days.
    pub(crate) days: f64,
    /// As declared, with its unit.
    pub(crate) span: Span,
    /// Where those at risk are counted, in days: at the time, or just beyond.
    pub(crate) at_risk_days: f64,
}

/// Beyond a time by more than the distance within which times are ties, and
/// less than any unit in which they are measured.
const BEYOND: f64 = 1e-6;

/// How near two times are that are one under two names: nearer than any that
/// somebody would tell apart, further than arithmetic goes astray.
const SAME: f64 = 1e-9;

impl Horizon {
    /// A time, with those at risk counted as the study does.
    fn new(study: &StudySettings, span: Span) -> Self {
        let days = span.days(study);
        let at_risk_days = match study.at_risk {
            AtRisk::At => days,
            // Times are ties by an absolute or a relative distance, whichever
            // is larger, so that the step beyond grows with the time.
            AtRisk::Beyond => days + BEYOND * (1.0 + days),
        };
        Self { days, span: span.resolved(study), at_risk_days }
    }

    /// What a statistic at this time is called in ids: its name, then the time.
    pub(crate) fn parts(&self, statistic: &str) -> [Part; 2] {
        [Part::statistic(statistic), self.part()]
    }

    /// The time in ids.
    pub(crate) fn part(&self) -> Part {
        Part::time(self.span)
    }
}

/// The times as declared, none twice.
pub(crate) fn horizons(study: &StudySettings, times: &[Span]) -> Vec<Horizon> {
    let mut horizons: Vec<Horizon> = Vec::new();
    for horizon in times.iter().map(|time| Horizon::new(study, *time)) {
        // A time said twice in the same words is asked for once.
        // Under two names it is a mistake, which `check_times` tells.
        if horizons.iter().all(|earlier| earlier.span != horizon.span) {
            horizons.push(horizon);
        }
    }
    horizons
}

/// Checks the times of the list at `parameter`: finite, zero only where it has
/// a meaning, and none of them twice under two names, which would be one number
/// with two ids.
pub(crate) fn check_times(
    study: &StudySettings,
    parameter: &str,
    times: &[Span],
    zero_allowed: bool,
) -> Vec<Mistake> {
    let check = |(place, time): (usize, &Span)| {
        let at = [parameter, &place.to_string()];
        let is_same = |earlier: &&Span| {
            let [one, other] = [earlier.days(study), time.days(study)];
            // Relative, because months and years in days are products that are rounded.
            earlier.resolved(study) != time.resolved(study) && (one - other).abs() <= SAME * other
        };
        check_time(&at, *time, zero_allowed).or_else(|| {
            // Only earlier ones are looked at, so that a pair is told once, at the second.
            let earlier = times[..place].iter().find(is_same)?.resolved(study);
            let message = format!("{} is the same time as {earlier}", time.resolved(study));
            Some(Mistake::at(&at, message).hint("leave one out: a number has one id"))
        })
    };
    times.iter().enumerate().filter_map(check).collect()
}

/// Checks one time: finite, and zero only where it has a meaning.
pub(crate) fn check_time(at: &[&str], time: Span, zero_allowed: bool) -> Option<Mistake> {
    let value = time.value();
    let is_right = value.is_finite() && (value > 0.0 || zero_allowed && value == 0.0);
    (!is_right).then(|| {
        Mistake::at(at, format!("{time} is no time of follow-up"))
            .hint("times count from the index date on")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(unit: &str) -> StudySettings {
        let settings = serde_json::json!({
            "title": "T", "data_status": "example", "patient": "id", "analysis_table": "p",
            "time_unit": unit,
        });
        serde_json::from_value(settings).expect("settings")
    }

    fn spans(texts: &[&str]) -> Vec<Span> {
        texts.iter().map(|text| text.parse().expect("a time")).collect()
    }

    fn said(unit: &str, texts: &[&str], zero_allowed: bool) -> Vec<String> {
        let mistakes = check_times(&study(unit), "at", &spans(texts), zero_allowed);
        let said = |one: &Mistake| {
            let hint = one.hint.as_deref().unwrap_or_default();
            format!("{}: {}; {hint}", one.at.join("."), one.message)
        };
        mistakes.iter().map(said).collect()
    }

    #[test]
    fn a_time_under_two_names_is_refused() {
        let twice = |place: usize, one: &str, other: &str| {
            format!(
                "at.{place}: {one} is the same time as {other}; leave one out: a number has one id"
            )
        };
        // A year is twelve months whatever number of days a month is taken to have.
        assert_eq!(
            said("months", &["1 year", "6 months", "12 months"], false),
            [twice(2, "12 months", "1 year")]
        );
        // A time without a unit is in the unit of the study.
        assert_eq!(said("weeks", &["52", "364 days"], false), [twice(1, "364 days", "52 weeks")]);
        assert_eq!(
            said("years", &["18 months", "1.5"], true),
            [twice(1, "1.5 years", "18 months")]
        );
        // At zero all units meet.
        assert_eq!(said("days", &["0", "0 weeks"], true), [twice(1, "0 weeks", "0 days")]);
        // 364, 365.25 and 365 days: near to each other, but three times.
        assert_eq!(said("months", &["52 weeks", "1 year", "365 days"], true), [""; 0]);
    }

    #[test]
    fn one_time_said_twice_is_one_time() {
        let study = study("weeks");
        let horizons = horizons(&study, &spans(&["12", "12 weeks", "6 months", "12.0"]));
        let ids: Vec<String> = horizons.iter().map(|horizon| horizon.part().printed()).collect();
        assert_eq!(ids, ["12_weeks", "6_months"]);
        // 84 days: the first mention stands, and `12.0` is the same number.
        assert_eq!(horizons[0].days, 84.0);
    }

    #[test]
    fn what_is_no_time_of_follow_up_is_told() {
        let hint = "is no time of follow-up; times count from the index date on";
        assert_eq!(
            said("months", &["-6 months", "0", "3 days"], false),
            [format!("at.0: -6 months {hint}"), format!("at.1: 0 {hint}")]
        );
        assert_eq!(said("months", &["0", "-1"], true), [format!("at.1: -1 {hint}")]);
    }
}
