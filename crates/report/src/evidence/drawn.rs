//! The privacy rule for what figures draw beside findings: no class of few
//! patients, and no mark of a single one. Steps of curves stay, as those of
//! published curves do; the counts beside them are the figure's.

use study::{FigureData, Figures, ScoreClass};

use super::privacy::Rule;

impl Rule {
    /// What one analysis hands on to be drawn, as reports may have it.
    pub(super) fn applied_to_figures(self, mut figures: Figures) -> Figures {
        for data in &mut figures.0 {
            match data {
                FigureData::ScoreHistogram(scores) => {
                    // Classes of a histogram are counts of patients, and their height can be read
                    // off the axis.
                    let Some(smallest) = self.smallest() else { continue };
                    for group in &mut scores.groups {
                        keep_back(&mut group.classes, smallest);
                    }
                }
                FigureData::ChangingEffects(changing) if self.is_aggregate() => {
                    for effect in &mut changing.effects {
                        // Each residual belongs to the event of one patient and stands at its day.
                        effect.points.clear();
                    }
                }
                FigureData::ChangingEffects(_)
                | FigureData::SurvivalCurves(_)
                | FigureData::IncidenceCurves(_)
                | FigureData::Examination(_)
                | FigureData::Histograms(_)
                | FigureData::PatientCourses(_)
                | FigureData::PatientChanges(_)
                | FigureData::MissingPatterns(_) => {}
            }
        }
        figures
    }
}

/// Takes out classes of few patients; where that is one alone, which the group's
/// size would give away, the smallest of the others too.
fn keep_back(classes: &mut [Option<ScoreClass>], smallest: u64) {
    let is_small = |class: &ScoreClass| class.count > 0 && class.count < smallest;
    let small: Vec<usize> = places(classes, is_small);
    for place in &small {
        classes[*place] = None;
    }
    // Two hidden classes leave a reader with their sum only.
    if small.len() == 1 {
        let others = places(classes, |class| class.count > 0);
        let next = others.into_iter().min_by_key(|place| classes[*place].map(|class| class.count));
        if let Some(next) = next {
            classes[next] = None;
        }
    }
}

fn places(classes: &[Option<ScoreClass>], is: impl Fn(&ScoreClass) -> bool) -> Vec<usize> {
    let known = classes.iter().enumerate();
    known.filter(|(_, class)| class.as_ref().is_some_and(&is)).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use study::{
        ChangingEffect, ChangingEffects, EffectPoint, Privacy, PrivacyTier, ScoreGroup,
        ScoreHistogram,
    };

    use super::*;
    use crate::sample;

    fn shown(counts: &[u64], tier: PrivacyTier) -> Vec<Option<u64>> {
        let mut study = sample::study();
        study.privacy = Privacy { tier, smallest_cell: 5 };
        let class = |count: &u64| Some(ScoreClass { count: *count, weight: *count as f64 });
        let group = ScoreGroup {
            level: "rt".into(),
            label: "RT".into(),
            is_treated: true,
            n: counts.iter().sum(),
            weight: counts.iter().sum::<u64>() as f64,
            classes: counts.iter().map(class).collect(),
        };
        let scores = ScoreHistogram {
            treatment_label: "Radiotherapy".into(),
            edges: ScoreHistogram::edges(counts.len()),
            groups: vec![group],
            warnings: Vec::new(),
        };
        let figures = Rule::of(&study).applied_to_figures(scores.into());
        let scores: &ScoreHistogram = figures.get().expect("the scores");
        scores.groups[0].classes.iter().map(|class| class.map(|class| class.count)).collect()
    }

    #[test]
    fn no_class_of_few_is_drawn_nor_can_be_had_from_the_others() {
        let open = shown(&[0, 3, 8, 6], PrivacyTier::Open);
        assert_eq!(open, [Some(0), Some(3), Some(8), Some(6)]);
        let hidden = |counts: &[u64]| shown(counts, PrivacyTier::Aggregate);
        // 3 is small. 6 goes with it as the smallest of the others.
        assert_eq!(hidden(&[0, 3, 8, 6]), [Some(0), None, Some(8), None]);
        assert_eq!(hidden(&[0, 3, 1, 6]), [Some(0), None, None, Some(6)]);
        // 5 itself is shown.
        assert_eq!(hidden(&[5, 0, 8]), [Some(5), Some(0), Some(8)]);
    }

    #[test]
    fn no_single_event_is_marked() {
        let point = EffectPoint { time_days: 3.0, log_ratio: 0.5, has_level: true };
        let effect = ChangingEffect {
            variable: "sex".into(),
            level: None,
            points: vec![point],
            curve: Vec::new(),
            degrees_of_freedom: 4,
        };
        let changing = ChangingEffects {
            confidence_level: 0.95,
            places: Vec::new(),
            effects: vec![effect],
            warnings: Vec::new(),
        };
        // a mark is one patient, however small a cell may be
        for (tier, smallest_cell, shown) in [
            (PrivacyTier::Open, 0, 1),
            (PrivacyTier::Aggregate, 0, 0),
            (PrivacyTier::Aggregate, 5, 0),
        ] {
            let mut study = sample::study();
            study.privacy = Privacy { tier, smallest_cell };
            let figures = Rule::of(&study).applied_to_figures(changing.clone().into());
            let changing: &ChangingEffects = figures.get().expect("the effects");
            assert_eq!(changing.effects[0].points.len(), shown);
        }
    }
}
