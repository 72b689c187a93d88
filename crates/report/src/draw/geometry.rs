//! Rectangles, in points.

/// Points in a millimetre.
pub const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// A rectangle; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Area {
    /// From its upper left corner and its size.
    #[must_use]
    pub fn at(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    /// Its width.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Grown by `by` on every side.
    #[must_use]
    pub fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// Whether two rectangles share more than an edge.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether the other lies inside it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    /// Whether a path of horizontal and vertical lines runs through it.
    #[must_use]
    pub fn is_crossed_by(&self, path: &[(f64, f64)]) -> bool {
        // A line across or down is a rectangle without area. That is why edges count here, as they
        // do not in `overlaps`.
        path.windows(2).any(|ends| {
            let line = Self {
                left: ends[0].0.min(ends[1].0),
                right: ends[0].0.max(ends[1].0),
                top: ends[0].1.min(ends[1].1),
                bottom: ends[0].1.max(ends[1].1),
            };
            line.left <= self.right
                && self.left <= line.right
                && line.top <= self.bottom
                && self.top <= line.bottom
        })
    }
}
