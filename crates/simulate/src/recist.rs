//! RECIST 1.1 response of each scan, from lesion sizes (Eisenhauer 2009, sections 4.3.1 to 4.3.3).

/// Everything one scan says about response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Target lesions: nodal or not, and millimetres (short axis when nodal).
    pub lesions: Vec<(bool, i32)>,
    /// Status of the non-target lesions, as the level name.
    pub nontarget: &'static str,
    /// Whether a lesion is new.
    pub new_lesion: bool,
}

impl Reading {
    /// Sum of the target lesions' diameters.
    #[must_use]
    pub fn sum(&self) -> i32 {
        self.lesions.iter().map(|(_, size)| size).sum()
    }
}

/// The response at each follow-up scan; `readings[0]` is the baseline and gets none.
///
/// Progression needs 20% and 5 mm over the smallest sum so far (the baseline included), a new
/// lesion, or unequivocal progression of non-target lesions.
#[must_use]
pub fn classify(readings: &[Reading]) -> Vec<&'static str> {
    let Some(baseline) = readings.first() else { return Vec::new() };
    let mut nadir = baseline.sum();
    let mut responses = Vec::new();
    for reading in &readings[1..] {
        responses.push(response(reading, baseline.sum(), nadir));
        // after the response, since a scan is compared with those before it
        nadir = nadir.min(reading.sum());
    }
    responses
}

fn response(reading: &Reading, baseline: i32, nadir: i32) -> &'static str {
    let sum = reading.sum();
    // in whole numbers, so that exactly 20% is never lost to rounding
    let grown = 5 * sum >= 6 * nadir && sum - nadir >= 5;
    let gone =
        // a node is never gone: below 10 mm of short axis it counts as normal
        reading.lesions.iter().all(|(nodal, size)| if *nodal { *size < 10 } else { *size == 0 });
    let nontarget_gone = matches!(reading.nontarget, "complete_response" | "none");
    if grown || reading.new_lesion || reading.nontarget == "progression" {
        "PD"
    } else if gone && nontarget_gone {
        "CR"
    // lesions that are gone while others stay are a partial response
    } else if gone || 10 * sum <= 7 * baseline {
        "PR"
    } else {
        "SD"
    }
}

/// The best response up to and including the first progression, whether or not a second scan
/// confirms it.
#[must_use]
pub fn best_response(responses: &[&'static str]) -> Option<&'static str> {
    let first_progression = responses.iter().position(|response| *response == "PD");
    // what comes after progression is no response to the treatment any more
    let counted = &responses[..first_progression.map_or(responses.len(), |index| index + 1)];
    ["CR", "PR", "SD", "PD"].into_iter().find(|level| counted.contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(sizes: &[i32]) -> Reading {
        let lesions = sizes.iter().map(|size| (false, *size)).collect();
        Reading { lesions, nontarget: "none", new_lesion: false }
    }

    fn course(sums: &[i32]) -> Vec<&'static str> {
        classify(&sums.iter().map(|sum| reading(&[*sum])).collect::<Vec<_>>())
    }

    #[test]
    fn thirty_percent_down_and_twenty_percent_up() {
        // 29% and 30% down from the baseline, then 13 and 14 mm up from 70, which is 18.6%
        // and 20%
        assert_eq!(course(&[100, 71, 70, 83, 84]), ["SD", "PR", "SD", "PD"]);
    }

    #[test]
    fn growth_below_five_millimetres_is_no_progression() {
        // 4 mm are 25% of the nadir and yet too little
        assert_eq!(course(&[40, 16, 20, 21]), ["PR", "PR", "PD"]);
    }

    #[test]
    fn small_nodes_and_cleared_non_targets_make_a_complete_response() {
        let mut readings = vec![reading(&[30]), reading(&[0]), reading(&[0])];
        for reading in &mut readings {
            reading.lesions.push((true, 9));
            reading.nontarget = "non_cr_non_pd";
        }
        readings[0].lesions[1].1 = 20;
        assert_eq!(classify(&readings), ["PR", "PR"]);
        readings[2].nontarget = "complete_response";
        assert_eq!(classify(&readings), ["PR", "CR"]);
    }

    #[test]
    fn a_new_lesion_ends_the_response() {
        let mut readings = vec![reading(&[50]), reading(&[20]), reading(&[20]), reading(&[0])];
        readings[2].new_lesion = true;
        assert_eq!(classify(&readings), ["PR", "PD", "CR"]);
        assert_eq!(best_response(&classify(&readings)), Some("PR"));
        assert_eq!(best_response(&[]), None);
    }
}
