//! Findings as users name them: by an id, or by an id in which `*` stands for
//! what is left open. What users write is matched against printed ids here and
//! nowhere else.

use study::{Finding, Part};

use crate::spec::nearest;

/// Any text where it stands for a part of an id.
const ANY: &str = "*";

/// What a user wrote to name findings: part by part an id, `*` being any part,
/// and at the end one or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a>(pub &'a str);

impl<'a> Reference<'a> {
    /// The entry that it begins with: names of entries have no dots.
    #[must_use]
    pub fn stage(self) -> &'a str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// What stands behind the entry.
    #[must_use]
    pub fn rest(self) -> Option<&'a str> {
        self.0.split_once('.').map(|(_, rest)| rest).filter(|rest| !rest.is_empty())
    }

    /// Whether it may stand for several findings.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.0.split('.').any(|part| part == ANY)
    }

    /// Whether it names a finding. Before a run a level that only the data
    /// know may be whatever was written.
    #[must_use]
    pub fn names(self, finding: &Finding) -> bool {
        let written: Vec<&str> = self.0.split('.').collect();
        let printed = printed(finding);
        // A star at the end stands for one part or more, one in between for just one.
        let ends_open = written.last() == Some(&ANY);
        let long_enough = match ends_open {
            true => printed.len() >= written.len(),
            false => printed.len() == written.len(),
        };
        long_enough
            && written.iter().zip(&printed).all(|(written, printed)| match printed {
                Some(printed) => *written == ANY || written == printed,
                // A level that only the data know: no word can be refused before a run.
                None => !written.is_empty(),
            })
    }

    /// The findings that it names, in order.
    pub fn among<'f>(self, findings: impl IntoIterator<Item = &'f Finding>) -> Vec<&'f Finding> {
        findings.into_iter().filter(|finding| self.names(finding)).collect()
    }

    /// What to do where it names none of `findings`: the nearest id, with `*`
    /// where it has one.
    #[must_use]
    pub fn nearest<'f>(self, findings: impl IntoIterator<Item = &'f Finding>) -> Option<String> {
        let mut ids: Vec<String> =
            findings.into_iter().map(|finding| self.in_its_shape(finding)).collect();
        ids.sort();
        ids.dedup();
        nearest(self.0, ids.iter().map(String::as_str))
    }

    /// The id of a finding with `*` where this reference has it, and with what
    /// was written where only the data know.
    fn in_its_shape(self, finding: &Finding) -> String {
        let written: Vec<&str> = self.0.split('.').collect();
        let mut shape = Vec::new();
        for (place, part) in printed(finding).into_iter().enumerate() {
            let own = written.get(place).copied();
            // What the last star covers is not spelled out.
            if own == Some(ANY) && place + 1 == written.len() {
                shape.push(ANY.to_owned());
                break;
            }
            shape.push(match part {
                _ if own == Some(ANY) => ANY.to_owned(),
                Some(part) => part,
                None => own.unwrap_or(ANY).to_owned(),
            });
        }
        shape.join(".")
    }
}

/// The parts of an id, the entry first; none where only the data know one.
fn printed(finding: &Finding) -> Vec<Option<String>> {
    let stage = Some(finding.stage().to_owned());
    let parts = finding.address.parts.iter().map(|part| match part {
        Part::AnyLevel => None,
        part => Some(part.printed()),
    });
    std::iter::once(stage).chain(parts).collect()
}

#[cfg(test)]
mod tests {
    use study::Quantity;

    use super::*;

    fn finding(parts: Vec<Part>) -> Finding {
        let mut finding = Finding::new("cox", "cox_model", "p_value", Quantity::PValue, 0.5);
        finding.address.parts = parts;
        finding
    }

    fn p_of(level: Part) -> Finding {
        finding(vec![Part::Statistic("p".into()), Part::Variable("site".into()), level])
    }

    #[test]
    fn stars_stand_for_parts_and_at_the_end_for_all_that_follow() {
        let lung = p_of(Part::level("lung"));
        for open in ["cox.p.site.lung", "cox.p.*", "cox.*", "cox.p.*.lung", "cox.*.site.*", "*"] {
            assert!(Reference(open).names(&lung), "{open}");
        }
        for other in ["cox.p.site", "cox.p.site.lung.*", "cox.p", "os.p.*", "cox.p.*.lun", ""] {
            assert!(!Reference(other).names(&lung), "{other}");
        }
    }

    #[test]
    fn before_a_run_a_level_that_only_the_data_know_may_be_any() {
        let announced = p_of(Part::AnyLevel);
        assert!(Reference("cox.p.site.lung").names(&announced));
        assert!(Reference("cox.p.site.*").names(&announced));
        assert!(!Reference("cox.p.sites.lung").names(&announced));
        assert!(!Reference("cox.p.site").names(&announced));
    }

    #[test]
    fn the_nearest_id_has_the_shape_of_what_was_written() {
        let declared = [p_of(Part::level("lung")), p_of(Part::level("skin"))];
        let open = [p_of(Part::AnyLevel)];
        let hint = |all: &[Finding], written: &str| Reference(written).nearest(all);
        let near = |id: &str| Some(format!("did you mean `{id}`?"));
        assert_eq!(hint(&declared, "cox.p.site.lungs"), near("cox.p.site.lung"));
        assert_eq!(hint(&declared, "cox.p.sit.*"), near("cox.p.site.*"));
        assert_eq!(hint(&declared, "cox.q.*.skin"), near("cox.p.*.skin"));
        assert_eq!(hint(&open, "cox.p.sit.throat"), near("cox.p.site.throat"));
    }
}
