//! What becomes of a drawing on its way to print: larger or smaller as a whole, its letters
//! black, its decimal points at the middle of the line.

use study::Drawing;

/// What is done to every drawing of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finish {
    /// By how much everything is larger than it was drawn.
    pub(super) scale: f64,
    pub(super) black_text: bool,
    pub(super) midline_decimals: bool,
}

impl Finish {
    /// The drawing as it is printed.
    pub(super) fn of(&self, drawing: &Drawing) -> Drawing {
        let mut elements = String::with_capacity(drawing.elements.len());
        let mut in_outlined = false;
        // A canvas writes one element a line.
        for line in drawing.elements.split_inclusive('\n') {
            // a text with letters of a study's own font is a group turned by a matrix; no other group is
            in_outlined = line.starts_with(OUTLINED) || (in_outlined && !line.starts_with("</g>"));
            let is_text = line.starts_with("<text ");
            let mut line = line.to_owned();
            if self.black_text && (is_text || in_outlined) {
                line = blackened(&line);
            }
            if self.midline_decimals && is_text {
                line = with_midline_decimals(&line);
            }
            elements.push_str(&line);
        }
        let (width, height) = (drawing.width * self.scale, drawing.height * self.scale);
        if self.scale == 1.0 {
            return Drawing { elements, ..drawing.clone() };
        }
        Drawing {
            width,
            height,
            // One group round all, so that no coordinate is rounded a second time.
            elements: format!("{}{elements}</g>\n", self.opening()),
            ..Drawing::default()
        }
    }

    /// A drawing that is finished, as it was drawn: for those who draw with it.
    pub(super) fn undone(&self, drawing: &Drawing) -> Drawing {
        let (width, height) = (drawing.width / self.scale, drawing.height / self.scale);
        let inner = drawing.elements.strip_prefix(&self.opening());
        let elements = match inner.and_then(|inner| inner.strip_suffix("</g>\n")) {
            _ if self.scale == 1.0 => drawing.elements.clone(),
            Some(inner) => inner.to_owned(),
            // by another scale, or none: it comes out as large as it was handed in
            None => {
                format!("<g transform=\"scale({})\">\n{}</g>\n", 1.0 / self.scale, drawing.elements)
            }
        };
        Drawing { width, height, elements, ..Drawing::default() }
    }

    fn opening(&self) -> String {
        format!("<g transform=\"scale({})\">\n", self.scale)
    }
}

const OUTLINED: &str = "<g transform=\"matrix(";

/// A line with every colour of its fill black; greys stay, and so does the white of a halo.
fn blackened(line: &str) -> String {
    const FILL: &str = " fill=\"#";
    let Some(start) = line.find(FILL).map(|start| start + FILL.len()) else {
        return line.to_owned();
    };
    match line.get(start..start + 6) {
        // Grey is no colour to a journal, and secondary words keep their place behind the others.
        Some(colour) if !is_grey(colour) => [&line[..start], "000000", &line[start + 6..]].concat(),
        _ => line.to_owned(),
    }
}

/// Whether a colour of six digits has none.
fn is_grey(colour: &str) -> bool {
    colour.get(..2) == colour.get(2..4) && colour.get(2..4) == colour.get(4..6)
}

/// The line of a text whose points between two digits stand at the middle of the line.
fn with_midline_decimals(line: &str) -> String {
    let Some((start, end)) = line.find('>').zip(line.rfind("</text>")) else {
        return line.to_owned();
    };
    let letters: Vec<char> = line[start..end].chars().collect();
    let is_digit = |place: Option<usize>| {
        place.and_then(|place| letters.get(place)).is_some_and(char::is_ascii_digit)
    };
    // Between two digits alone: `p < .05` and `v. 2` have points of other kinds.
    let raised = letters.iter().enumerate().map(|(place, letter)| {
        let is_decimal =
            *letter == '.' && is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
        if is_decimal { '·' } else { *letter }
    });
    [&line[..start], &raised.collect::<String>(), &line[end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Finish = Finish { scale: 1.0, black_text: false, midline_decimals: false };

    fn drawing(elements: &str) -> Drawing {
        Drawing { width: 100.0, height: 50.0, elements: elements.to_owned(), ..Drawing::default() }
    }

    #[test]
    fn without_a_wish_nothing_changes() {
        let drawing = drawing("<text fill=\"#005b8e\">0.71</text>\n<path fill=\"#005b8e\"/>\n");
        assert_eq!(PLAIN.of(&drawing), drawing);
        assert_eq!(PLAIN.undone(&drawing), drawing);
    }

    #[test]
    fn letters_become_black_and_shapes_keep_their_colour() {
        let finish = Finish { black_text: true, ..PLAIN };
        let elements = "<text fill=\"#005b8e\">a</text>\n<text fill=\"#595959\">b</text>\n\
                        <text fill=\"#ffffff\" stroke=\"#ffffff\">c</text>\n<path fill=\"#005b8e\"/>\n\
                        <g transform=\"matrix(1 0 0 1 2 3)\">\n<path d=\"M0 0\" fill=\"#aa4b00\"/>\n</g>\n\
                        <g transform=\"translate(1 2)\">\n<path fill=\"#aa4b00\"/>\n</g>\n";
        let expected = "<text fill=\"#000000\">a</text>\n<text fill=\"#595959\">b</text>\n\
                        <text fill=\"#ffffff\" stroke=\"#ffffff\">c</text>\n<path fill=\"#005b8e\"/>\n\
                        <g transform=\"matrix(1 0 0 1 2 3)\">\n<path d=\"M0 0\" fill=\"#000000\"/>\n</g>\n\
                        <g transform=\"translate(1 2)\">\n<path fill=\"#aa4b00\"/>\n</g>\n";
        assert_eq!(finish.of(&drawing(elements)).elements, expected);
    }

    #[test]
    fn only_points_between_digits_are_decimal_points() {
        let finish = Finish { midline_decimals: true, ..PLAIN };
        let elements =
            "<text x=\"1.5\">0.71 (0.2–1.0), p &lt; .05. v.2</text>\n<path d=\"M1.5 2\"/>\n";
        let expected =
            "<text x=\"1.5\">0·71 (0·2–1·0), p &lt; .05. v.2</text>\n<path d=\"M1.5 2\"/>\n";
        assert_eq!(finish.of(&drawing(elements)).elements, expected);
    }

    #[test]
    fn what_was_made_larger_is_given_back_as_it_was_drawn() {
        let finish = Finish { scale: 1.231, ..PLAIN };
        let drawn = drawing("<path d=\"M0 0\"/>\n");
        let large = finish.of(&drawn);
        assert!((large.width - 123.1).abs() < 1e-9 && (large.height - 61.55).abs() < 1e-9);
        let back = finish.undone(&large);
        assert_eq!(back.elements, drawn.elements);
        assert!((back.width - 100.0).abs() < 1e-9);
        // A figure that another entry made by another scale.
        let other = Finish { scale: 2.0, ..PLAIN }.undone(&large);
        assert!(
            other
                .elements
                .starts_with("<g transform=\"scale(0.5)\">\n<g transform=\"scale(1.231)\">")
        );
    }
}
