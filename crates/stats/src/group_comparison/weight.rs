//! The weights that tell one log-rank test from another.

use super::kernel::EventTime;
use crate::Error;

/// What an event time counts in a log-rank test, with S(t-) the pooled
/// Kaplan-Meier curve just before t, in each stratum by itself.
///
/// `PetoPeto` is what textbooks call Peto and Peto's test; R's
/// `survdiff(rho = 1)`, described there by the same name, is
/// `FlemingHarrington { rho: 1.0, gamma: 0.0 }`, or [`LogRankWeight::g_rho`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum LogRankWeight {
    /// 1 (Mantel 1966).
    #[default]
    LogRank,
    /// n, the number at risk (Gehan 1965; Breslow 1970).
    Gehan,
    /// The square root of n (Tarone and Ware 1977).
    TaroneWare,
    /// The product of 1 - d / (n + 1) up to and with t (Peto and Peto 1972).
    PetoPeto,
    /// The same times n / (n + 1) (Andersen et al. 1982).
    ModifiedPetoPeto,
    /// S(t-)^rho (1 - S(t-))^gamma (Fleming and Harrington 1991): late
    /// differences count more as gamma grows.
    FlemingHarrington {
        /// Power of S, >= 0.
        rho: f64,
        /// Power of 1 - S, >= 0.
        gamma: f64,
    },
}

impl LogRankWeight {
    /// The G-rho family, S(t-)^rho.
    pub fn g_rho(rho: f64) -> Self {
        Self::FlemingHarrington { rho, gamma: 0.0 }
    }

    /// Fleming and Harrington's four of the usual MaxCombo test: (0, 0),
    /// (0, 1), (1, 0) and (1, 1).
    pub fn max_combo() -> [Self; 4] {
        [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
            .map(|(rho, gamma)| Self::FlemingHarrington { rho, gamma })
    }

    pub(super) fn check(self) -> Result<(), Error> {
        // The other weights have no parameter that could be wrong.
        let Self::FlemingHarrington { rho, gamma } = self else { return Ok(()) };
        for (what, value) in [("rho", rho), ("gamma", gamma)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::Parameter { what, value, range: "[0, infinity)" });
            }
        }
        Ok(())
    }

    /// The weight of an event time.
    pub(super) fn of(self, time: &EventTime<'_>) -> f64 {
        match self {
            Self::LogRank => 1.0,
            Self::Gehan => time.n,
            Self::TaroneWare => time.n.sqrt(),
            Self::PetoPeto => time.peto_survival,
            Self::ModifiedPetoPeto => time.peto_survival * time.n / (time.n + 1.0),
            Self::FlemingHarrington { rho, gamma } => {
                power(time.survival_before, rho) * power(1.0 - time.survival_before, gamma)
            }
        }
    }
}

/// x^y with the common powers exact.
fn power(x: f64, y: f64) -> f64 {
    // 0^0 is 1: before the first event 1 - S is zero, and gamma 0 must still be the
    // plain test.
    if y == 0.0 {
        1.0
    } else if y == 1.0 {
        x
    } else {
        libm::pow(x, y)
    }
}
