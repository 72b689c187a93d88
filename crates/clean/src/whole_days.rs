//! Lengths of time between two dates, which are whole days.

use engine::Mistake;
use study::{Span, StudySettings};

/// The longest distance of two dates that a rule takes, in days: a century.
// Beyond it a unit was mistaken; and days stay far inside of 32 bits.
const LONGEST: f64 = 36_525.0;

/// The days of the length of time at a parameter.
pub(crate) fn whole_days(study: &StudySettings, time: Span, at: &[&str]) -> Result<i32, Mistake> {
    let (days, time) = (time.days(study), time.resolved(study));
    // Before the fraction: infinity has none.
    if !days.is_finite() || days.abs() > LONGEST {
        let message = format!("{time} is further than two dates lie apart");
        return Err(Mistake::at(at, message).hint("at most a century"));
    }
    // Not rounded in silence: half a month is 15.21875 days.
    if days.fract() != 0.0 {
        let message = format!("{time} is {days} days, and dates lie whole days apart");
        let near = Span::of_days(days.round());
        return Err(Mistake::at(at, message).hint(format!("such as `{near}`")));
    }
    Ok(days as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_lie_whole_days_apart() {
        let settings = serde_json::json!({
            "title": "T", "data_status": "example", "patient": "id", "analysis_table": "p",
        });
        let study: StudySettings = serde_json::from_value(settings).expect("settings");
        let days = |text: &str| {
            let time: Span = text.parse().expect("a time");
            whole_days(&study, time, &["window", "0"]).map_err(|mistake| {
                format!("{}; {}", mistake.message, mistake.hint.unwrap_or_default())
            })
        };
        assert_eq!(days("6 weeks"), Ok(42));
        assert_eq!(days("-28 days"), Ok(-28));
        assert_eq!(days("0"), Ok(0));
        // a bare number is in the study's months
        assert_eq!(
            days("-1").expect_err("no whole days"),
            "-1 months is -30.4375 days, and dates lie whole days apart; such as `-30 days`"
        );
        assert_eq!(
            days("101 years").expect_err("too far"),
            "101 years is further than two dates lie apart; at most a century"
        );
    }
}
