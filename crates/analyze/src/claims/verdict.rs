//! What came of an examination, in the making.

use study::{Check, Clue, Examined, Lack, Quantity, Standing};

/// An examination to which clues and a standing are added.
pub(super) struct Verdict(Examined);

impl Verdict {
    /// Of a check on some claims, the one that it is about first.
    pub(super) fn of<'a>(check: Check, claims: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names: Vec<String> = Vec::new();
        for name in claims {
            // A claim may be used twice in one examination, as a count and as part of a sum.
            if names.iter().all(|known| known != name) {
                names.push(name.to_owned());
            }
        }
        Self(Examined {
            check,
            claims: names,
            standing: Standing::Consistent,
            lack: None,
            clues: Vec::new(),
        })
    }

    /// With a number behind it; none that is infinite or not a number.
    pub(super) fn clue(self, name: &str, quantity: Quantity, value: f64) -> Self {
        self.clue_that_prints(name, quantity, value, None)
    }

    /// With a number that does or does not print what was printed.
    pub(super) fn clue_that_prints(
        mut self,
        name: &str,
        quantity: Quantity,
        value: f64,
        prints: Option<bool>,
    ) -> Self {
        let name = name.to_owned();
        if value.is_finite() {
            self.0.clues.push(Clue { name, quantity, value, prints });
        }
        self
    }

    /// With a count.
    pub(super) fn count(self, name: &str, count: u64) -> Self {
        self.clue(name, Quantity::Count, count as f64)
    }

    /// Fits, or contradicts.
    pub(super) fn fits(self, fits: bool) -> Examined {
        self.stands(if fits { Standing::Consistent } else { Standing::Contradiction })
    }

    /// Stands so.
    pub(super) fn stands(mut self, standing: Standing) -> Examined {
        self.0.standing = standing;
        self.0
    }

    /// Cannot be examined.
    pub(super) fn lacking(mut self, lack: Lack) -> Examined {
        self.0.lack = Some(lack);
        self.stands(Standing::NotCheckable)
    }
}
