//! The door through which reports are handed what analyses found: findings,
//! curves and words. The privacy rule is applied here, once, so that no figure,
//! table, text or file can print what it hides.

mod cells;
mod drawn;
mod privacy;

use engine::{Call, Missed, Mistake, Reference, Section};
use study::{Account, Figures, Finding};

use crate::analysis::Analysis;

pub(crate) use privacy::Rule;

/// What reports are handed of all analyses that they read.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    stages: Vec<Stage>,
    rule: Rule,
}

/// What one analysis hands on.
#[derive(Debug, Clone)]
struct Stage {
    name: String,
    findings: Vec<Finding>,
    figures: Figures,
    methods: Option<Account>,
}

impl Evidence {
    /// What a call reads of analyses, after the study's privacy rule.
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let rule = Rule::of(call.study);
        let stages = call.section(Section::Analyze).map(|(name, output)| Stage {
            name: name.to_owned(),
            findings: handed(&output.findings, call.study),
            figures: privacy::shown(&rule.applied_to_figures(output.figures.clone()), call.study),
            methods: output.methods.clone(),
        });
        Self { stages: stages.collect(), rule }
    }

    /// The same of findings alone, by the entry that made them.
    pub(crate) fn of_findings(
        analyses: Vec<(String, Vec<Finding>)>,
        study: &study::StudySettings,
    ) -> Self {
        let stages = analyses.into_iter().map(|(name, findings)| Stage {
            name,
            findings: handed(&findings, study),
            figures: Figures::default(),
            methods: None,
        });
        Self { stages: stages.collect(), rule: Rule::of(study) }
    }

    /// The rule for counts that stand in no finding, such as those under an axis.
    pub(crate) fn rule(&self) -> Rule {
        self.rule
    }

    /// An analysis of the wiring.
    ///
    /// # Panics
    /// If the wiring does not name it: a bug in the kind.
    pub(crate) fn analysis<'a>(&'a self, name: &str) -> Analysis<'a> {
        let found = self.stages.iter().find(|stage| stage.name == name);
        found.expect("invariant: a kind reads the stages of its wiring").analysis()
    }

    /// The analysis that a parameter names, which must be of one of these kinds.
    ///
    /// # Errors
    /// If it is of another kind.
    pub(crate) fn of_kind<'a>(
        &'a self,
        name: &str,
        kinds: &[&str],
        at: &[&str],
    ) -> Result<Analysis<'a>, Mistake> {
        let analysis = self.analysis(name);
        match analysis.kind().filter(|kind| !kinds.contains(kind)) {
            Some(other) => {
                let listed = kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>();
                let (wanted, hint) = match kinds {
                    [one] => (format!("`{one}`"), format!("name an entry of kind `{one}`")),
                    _ => (
                        "kind that this prints".to_owned(),
                        format!("name an entry of one of the kinds {}", listed.join(", ")),
                    ),
                };
                Err(Mistake::at(at, format!("`{name}` is a `{other}`, not a {wanted}")).hint(hint))
            }
            None => Ok(analysis),
        }
    }

    /// All analyses in the order of the file.
    pub(crate) fn analyses(&self) -> impl Iterator<Item = Analysis<'_>> {
        self.stages.iter().map(Stage::analysis)
    }

    /// All findings in the order of the file.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.stages.iter().flat_map(|stage| &stage.findings)
    }

    /// The analysis that a finding is of.
    pub(crate) fn around(&self, finding: &Finding) -> Analysis<'_> {
        self.analysis(finding.stage())
    }

    /// Whether nothing is known of the analysis that a reference begins with:
    /// in a rehearsal, where it is itself mistaken.
    pub(crate) fn is_silent(&self, written: &str) -> bool {
        let stage = Reference(written).stage();
        self.stages.iter().any(|known| known.name == stage && known.findings.is_empty())
    }

    /// The findings that a reference names; none, but no mistake, where nothing
    /// is known of its analysis. `what` is what they would be, such as `finding`.
    ///
    /// # Errors
    /// If it names none: with the nearest id.
    pub(crate) fn named<'a>(
        &'a self,
        written: &str,
        at: &[&str],
        (what, fits): (&str, &dyn Fn(&Finding) -> bool),
    ) -> Result<Vec<&'a Finding>, Mistake> {
        // The mistake of that entry is told where it stands. A second one for each reference to it
        // would bury the first.
        if self.is_silent(written) {
            return Ok(Vec::new());
        }
        let reference = Reference(written);
        let candidates = || self.findings().filter(|finding| fits(finding));
        let found = reference.among(candidates());
        if !found.is_empty() {
            return Ok(found);
        }
        let mistake = Mistake::at(at, format!("there is no {what} `{written}`"));
        let mistake = mistake.missing(self.missed(reference));
        Err(Mistake { hint: self.nearest(reference, candidates()), ..mistake })
    }

    /// What there is not where a reference names nothing: its analysis, or the finding.
    pub(crate) fn missed(&self, reference: Reference<'_>) -> Missed {
        let stage = reference.stage();
        match stage == "*" || self.stages.iter().any(|known| known.name == stage) {
            true => Missed::Finding(reference.0.to_owned()),
            false => Missed::Entry(Section::Analyze, stage.to_owned()),
        }
    }

    /// The nearest id: of the same analysis, where that is known.
    fn nearest<'a>(
        &self,
        reference: Reference<'_>,
        candidates: impl Iterator<Item = &'a Finding>,
    ) -> Option<String> {
        let is_known = self.stages.iter().any(|stage| stage.name == reference.stage());
        let of_stage =
            // A slip is nearly always in the part behind the entry's name. An id of another
            // analysis would be nearer in letters and farther in meaning.
            candidates.filter(|finding| !is_known || finding.stage() == reference.stage());
        reference.nearest(of_stage).or_else(|| Some("`restudy findings` lists all ids".to_owned()))
    }
}

impl Stage {
    fn analysis(&self) -> Analysis<'_> {
        Analysis {
            name: &self.name,
            findings: &self.findings,
            figures: &self.figures,
            methods: self.methods.as_ref(),
        }
    }
}

/// The findings of one analysis as reports are handed them.
pub(crate) fn handed(findings: &[Finding], study: &study::StudySettings) -> Vec<Finding> {
    Rule::of(study).applied(findings.to_vec())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => sources(&path, found),
                false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
                false => {}
            }
        }
    }

    /// Everything of an analysis goes through the door: nothing else in this
    /// crate opens an `Output` of one, nor takes an id or a method apart.
    #[test]
    fn there_is_one_door() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut paths = Vec::new();
        sources(&source, &mut paths);
        assert!(paths.len() > 50, "the sources are there");
        let forbidden = [
            "section(Section::Analyze)",
            "output.findings",
            ".id().split",
            ".id().starts_with",
            ".id().strip_prefix",
            ".id().contains",
            "method).starts_with",
            "method).ends_with",
            "method).contains",
            "method).split",
        ];
        for path in paths {
            let name = path.strip_prefix(&source).expect("below it").display().to_string();
            let is_door = name == "evidence.rs" || name.starts_with("evidence/");
            let is_test =
                ["tests.rs", "sample.rs", "cohort"].iter().any(|part| name.contains(part));
            let text = fs::read_to_string(&path).expect("a source");
            // Tests stand last in a file: what is before their mark is what runs.
            let production = text.split("#[cfg(test)]").next().unwrap_or_default();
            for words in forbidden.iter().filter(|_| !is_door && !is_test) {
                assert!(!production.contains(words), "{name} has `{words}`: use the door");
            }
        }
    }
}
