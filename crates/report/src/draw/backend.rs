//! The drawing backend for plotters: its whole numbers are hundredths of a
//! point, so that nothing jumps to a grid, and its texts are set by our font.

use std::cell::RefCell;
use std::rc::Rc;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};

use super::font::{cap_height, width};
use super::{Anchor, Area, Canvas, Colour, DrawError, Face, Lettering, Pen};

/// Backend units in a point: plotters takes whole coordinates, and a hundredth of
/// a point is finer than any page.
pub const UNITS_PER_POINT: f64 = 100.0;

/// A canvas that plotters draws on. Lines take their dashes and opacity from
/// the canvas's chart pen, for which plotters has no words.
#[derive(Debug, Clone)]
pub struct Backend {
    canvas: Rc<RefCell<Canvas>>,
}

type Drawn = Result<(), DrawingErrorKind<DrawError>>;

impl Backend {
    /// A backend that draws on a shared canvas.
    #[must_use]
    pub fn on(canvas: &Rc<RefCell<Canvas>>) -> Self {
        Self { canvas: Rc::clone(canvas) }
    }

    fn pen<S: BackendStyle>(&self, style: &S) -> Pen {
        let own = Pen {
            opacity: style.color().alpha,
            ..Pen::solid(colour(style.color()), f64::from(style.stroke_width()) / UNITS_PER_POINT)
        };
        self.canvas.borrow().chart_pen.map_or(own, |pen| Pen { colour: own.colour, ..pen })
    }
}

fn colour(colour: BackendColor) -> Colour {
    Colour(colour.rgb.0, colour.rgb.1, colour.rgb.2)
}

fn points((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x) / UNITS_PER_POINT, f64::from(y) / UNITS_PER_POINT)
}

fn face(style: &FontStyle) -> Face {
    match style {
        FontStyle::Normal => Face::Regular,
        FontStyle::Bold => Face::SemiBold,
        // No oblique face is bundled, and an italic is what it stands for.
        FontStyle::Italic | FontStyle::Oblique => Face::Italic,
    }
}

impl DrawingBackend for Backend {
    type ErrorType = DrawError;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.canvas.borrow().size();
        let units = |points: f64| (points * UNITS_PER_POINT).round() as u32;
        (units(width), units(height))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, fill: BackendColor) -> Drawn {
        let (x, y) = points(at);
        // plotters draws circles and slanted lines by pixels where a backend has no shapes of its
        // own. This one has, so that few pixels come here.
        let pixel = Area::at(x, y, 1.0 / UNITS_PER_POINT, 1.0 / UNITS_PER_POINT);
        self.canvas.borrow_mut().rectangle(&pixel, Some(colour(fill)), None);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((left, top), (right, bottom)) = (points(upper_left), points(bottom_right));
        let area = Area { left, top, right, bottom };
        if fill {
            self.canvas.borrow_mut().rectangle(&area, Some(colour(style.color())), None);
        } else {
            let pen = self.pen(style);
            self.canvas.borrow_mut().rectangle(&area, None, Some(&pen));
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let path: Vec<_> = path.into_iter().map(points).collect();
        let pen = self.pen(style);
        // What cannot be seen, all clear or a lone point, would only make the file larger.
        if pen.opacity > 0.0 && path.len() > 1 {
            self.canvas.borrow_mut().path(&path, &pen);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let radius = f64::from(radius) / UNITS_PER_POINT;
        let fill = style.color();
        self.canvas.borrow_mut().disc(points(centre), radius, colour(fill), fill.alpha);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let corners: Vec<_> = corners.into_iter().map(points).collect();
        let fill = style.color();
        self.canvas.borrow_mut().polygon(&corners, colour(fill), fill.alpha);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let (x, y) = points(at);
        let lettering = Lettering {
            face: face(&style.style()),
            size: style.size() / UNITS_PER_POINT,
            colour: colour(style.color()),
            anchor: match style.anchor().h_pos {
                HPos::Left => Anchor::Start,
                HPos::Center => Anchor::Middle,
                HPos::Right => Anchor::End,
            },
        };
        // Centred by its capitals: the box of the font has room for accents and descenders, and
        // would set `12` too low beside its tick.
        let height = cap_height(lettering.face, lettering.size);
        let baseline = match style.anchor().v_pos {
            VPos::Top => y + height,
            VPos::Center => y + height / 2.0,
            VPos::Bottom => y,
        };
        self.canvas.borrow_mut().text((x, baseline), text, &lettering);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<DrawError>> {
        let face = face(&style.style());
        let length = width(text, face, style.size()).map_err(DrawingErrorKind::DrawingError)?;
        // Up, so that what plotters leaves room for is never less than the text takes.
        Ok((length.ceil() as u32, cap_height(face, style.size()).ceil() as u32))
    }
}
