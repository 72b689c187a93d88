//! What the figures of changes from baseline have in common: their parameters'
//! checks, groups, words and files.

use engine::{Call, Mistake, Mistakes, Named, Read, Section, Wiring};
use study::{Level, PatientChange, PatientChanges, StudySettings, capitalised, in_sentence};

use crate::analysis::{Analysis, Words};
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, glyphs, points, population};
use crate::format::{self, signed};
use crate::lookup::{self, Whom};
use crate::single_patients::{check_labels, check_tier, group_label, in_order, printed, whom};

/// The parameters that both figures have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameters<'a> {
    pub(crate) title: &'a str,
    pub(crate) caption: Option<&'a String>,
    pub(crate) changes: &'a str,
    pub(crate) groups: &'a [String],
    pub(crate) labels: &'a Named<String>,
    pub(crate) y_label: Option<&'a String>,
    pub(crate) clip: f64,
    pub(crate) width_mm: f64,
}

impl Parameters<'_> {
    pub(crate) fn wiring(&self, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(self.changes, Section::Analyze, &["changes"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn analysis<'e>(&self, evidence: &'e Evidence) -> Result<Analysis<'e>, Mistake> {
        evidence.of_kind(self.changes, &["change_from_baseline"], &["changes"])
    }

    /// Everything that needs no rows.
    pub(crate) fn check(&self, call: &Call<'_>) -> Mistakes {
        let mut mistakes = Mistakes::default();
        mistakes.note(check_tier(call.study));
        mistakes.note(points(self.width_mm, "width_mm"));
        // Ticks stand 25 percent apart. An axis that ends below the first one would have none above
        // zero. Asked this way round, what is no number is refused too.
        if !(self.clip >= 25.0 && self.clip.is_finite()) {
            let message = format!("an axis of changes does not end at {} percent", self.clip);
            mistakes.push(Mistake::at(&["clip"], message).hint("give 25 or more, such as 100"));
        }
        let evidence = Evidence::of(call);
        let analysis = mistakes.note(self.analysis(&evidence));
        if let Some(changes) = analysis.and_then(|own| own.figures.get::<PatientChanges>()) {
            mistakes.0.extend(in_order(&changes.groups, self.groups).err().unwrap_or_default().0);
            mistakes.0.extend(check_labels(&changes.groups, self.labels));
            let levels = changes.groups.iter().chain(&changes.categories).chain(&changes.marks);
            // A rehearsal knows levels of a column only where they are declared. What stands for
            // the others has no label that will be drawn.
            let levels = levels.filter(|level| !level.is_any()).map(|level| level.label.as_str());
            let words =
                [Some(&changes.label), changes.flag_label.as_ref(), changes.start_label.as_ref()];
            let words = words.into_iter().flatten().map(String::as_str);
            mistakes.note(glyphs(levels.chain(words), &["changes"]));
        }
        mistakes.note(glyphs(self.y_label.map(String::as_str), &["y_label"]));
        for (level, label) in self.labels.iter() {
            mistakes.note(glyphs([label.as_str()], &["labels", level]));
        }
        mistakes
    }

    /// What the figure is drawn from.
    pub(crate) fn drawn<'e>(
        &'e self,
        call: &'e Call<'e>,
        evidence: &'e Evidence,
    ) -> Result<Drawn<'e>, Mistakes> {
        check_tier(call.study)?;
        let analysis = self.analysis(evidence)?;
        let changes: &PatientChanges = analysis.figures.get().ok_or_else(|| {
            Mistake::at(&["changes"], format!("`{}` has no changes of patients", analysis.name))
                .hint("name an entry of kind `change_from_baseline`")
        })?;
        let order = in_order(&changes.groups, self.groups)?;
        Ok(Drawn { parameters: self, call, analysis, changes, order })
    }
}

/// A figure of changes with what it is drawn from.
pub(crate) struct Drawn<'a> {
    parameters: &'a Parameters<'a>,
    call: &'a Call<'a>,
    analysis: Analysis<'a>,
    pub(crate) changes: &'a PatientChanges,
    pub(crate) order: Vec<Option<usize>>,
}

impl<'a> Drawn<'a> {
    fn whom(&self, group: Option<usize>) -> Whom<'a> {
        whom(&self.changes.groups, group)
    }

    /// The patients of a group of whom something is drawn, the largest best change first.
    pub(crate) fn patients(&self, group: Option<usize>) -> Vec<&'a PatientChange> {
        let own = self.changes.patients.iter().filter(|patient| patient.group == group);
        let mut own: Vec<&PatientChange> = own.filter(|patient| patient.best.is_some()).collect();
        // The order of a waterfall: from growth at the left to the deepest fall at the right.
        // `total_cmp` has an answer for every pair, and the sort is stable, so that ties keep the
        // order of the table.
        let best = |patient: &PatientChange| patient.best.unwrap_or_default();
        own.sort_by(|one, other| best(other).total_cmp(&best(one)));
        own
    }

    /// The group with those evaluable, and the shares beyond the thresholds.
    pub(crate) fn headings(&self, group: Option<usize>) -> Vec<String> {
        let (study, whom) = (self.call.study, self.whom(group));
        let label = group_label(&self.changes.groups, group, self.parameters.labels);
        let print = |name| printed(&self.analysis, name, whom, study);
        let first = format!("{label}: {} of {} evaluable", print("evaluable"), print("n"));
        let shares = self.changes.thresholds.iter().filter_map(|threshold| {
            // A fall is meant with its threshold, as RECIST has it: 30% or more. `lower` says so of
            // a signed number, where `less` would be read as a smaller fall.
            let (name, side) =
                if *threshold < 0.0 { ("fallen", "lower") } else { ("risen", "higher") };
            // Ids have no signs: `fallen.30` and `risen.20`.
            let place = study::Part::place(threshold.abs());
            let mut found = self.analysis.of_statistic(name);
            let found = found.find(|finding| {
                Whom::of(finding) == Some(whom) && finding.address.parts.contains(&place)
            })?;
            let fraction = format::fraction_with_percent(found, study)
                .unwrap_or_else(|| format::value(found, study));
            Some(format!("{}% or {side}: {fraction}", signed(*threshold, 0)))
        });
        std::iter::once(first).chain(shares).collect()
    }

    /// What the categories are of, and they in words.
    pub(crate) fn categories(&self) -> (String, Vec<String>) {
        let labels = self.changes.categories.iter().map(|level| capitalised(&level.label));
        (self.changes.category_label.clone().unwrap_or_default(), labels.collect())
    }

    pub(crate) fn y_label(&self, what: &str) -> String {
        let own = self.parameters.y_label.cloned();
        own.unwrap_or_else(|| format!("{what} of {} (%)", in_sentence(&self.changes.label)))
    }

    pub(crate) fn words(&self, told: &str) -> FigureWords {
        let caption = [
            self.parameters.caption.cloned().unwrap_or_default(),
            told.to_owned(),
            // The denominator is told with the figure: a patient without a later scan has no bar,
            // and a reader who counts bars would take the rest for the group.
            format!(
                "Changes are in percent of the baseline, the last measurement of {} before or at time zero \
                 that is above 0; who has no measurement after it is not evaluable.",
                in_sentence(&self.changes.label)
            ),
        ];
        let told = self.order.iter().map(|group| self.headings(*group).join("; "));
        FigureWords {
            title: self.parameters.title.to_owned(),
            caption: caption
                .into_iter()
                .chain(population(&Words::of(self.call, None), self.analysis.findings))
                .collect(),
            warnings: lookup::warnings(self.analysis.findings),
            alternative_text: format!(
                "{}. {}.",
                told.collect::<Vec<_>>().join(". "),
                self.median()
            ),
        }
    }

    /// The median best change of each group in words.
    fn median(&self) -> String {
        let medians = self.order.iter().map(|group| {
            let label = group_label(&self.changes.groups, *group, self.parameters.labels);
            let median =
                printed(&self.analysis, "median_best_change", self.whom(*group), self.call.study);
            format!("{}, {median}", in_sentence(&label))
        });
        format!("Median best change: {}", medians.collect::<Vec<_>>().join("; "))
    }

    /// The cells that tell of a patient in a file, behind the number of its line.
    pub(crate) fn known(&self, place: usize, patient: &PatientChange) -> Vec<String> {
        let value = |levels: &[Level], code: Option<usize>| {
            code.map(|code| levels[code].value.clone()).unwrap_or_default()
        };
        let mut known = vec![(place + 1).to_string()];
        known.extend(self.has_names().then(|| patient.patient.clone()));
        let all = || "all".to_owned();
        known
            .push(patient.group.map_or_else(all, |group| value(&self.changes.groups, Some(group))));
        known.push(value(&self.changes.categories, patient.category));
        // In a file the value of the level stands, not its label, so that it can be joined with
        // other files.
        known
    }

    /// The names of those cells.
    pub(crate) fn header(&self) -> Vec<&'static str> {
        let name = self.has_names().then_some("patient");
        ["line"].into_iter().chain(name).chain(["group", "category"]).collect()
    }

    fn has_names(&self) -> bool {
        self.changes.patients.iter().any(|patient| !patient.patient.is_empty())
    }
}
