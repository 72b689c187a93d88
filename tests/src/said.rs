//! What a command said, and whether that was right.

/// What a command left on screen.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit code.
    pub code: u8,
    /// Standard output, masked.
    pub out: String,
    /// Standard error, masked.
    pub err: String,
}

impl Said {
    /// The command ended well and printed exactly this.
    #[track_caller]
    pub fn prints(self, out: &str) {
        // what went to standard error is a failure too
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        assert_same(&self.out, out);
    }

    /// The command ended well, whatever it printed.
    #[track_caller]
    pub fn succeeds(self) {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
    }

    /// The command ended with exit code 1 and exactly this on standard error.
    #[track_caller]
    pub fn fails(self, err: &str) {
        assert_eq!((self.code, self.out.as_str()), (1, ""), "{}", self.err);
        assert_same(&self.err, err);
    }

    /// The command ended with exit code 1 and printed exactly this.
    #[track_caller]
    pub fn finds(self, out: &str) {
        assert_eq!((self.code, self.err.as_str()), (1, ""), "{}", self.out);
        assert_same(&self.out, out);
    }
}

/// Compares texts whole; blanks at the ends of lines and around the text do
/// not count, so that an expectation can stand in a test as it looks.
#[track_caller]
fn assert_same(found: &str, expected: &str) {
    let plain = |text: &str| {
        let lines: Vec<&str> = text.trim_matches('\n').lines().map(str::trim_end).collect();
        lines.join("\n")
    };
    let (found, expected) = (plain(found), plain(expected));
    // written out in lines, which `assert_eq!` would show with escapes
    assert!(found == expected, "said:\n{found}\n\nexpected:\n{expected}\n");
}
