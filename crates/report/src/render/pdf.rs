//! A drawing as a page of PDF of its own size: shapes stay shapes, and text is text in embedded
//! fonts that hold the letters it uses, or outlines where a journal takes no fonts. No date is
//! written, and ids are digests of the content.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{ContentTag, Tag, TagGroup, TagTree};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Data, Document};
use resvg::tiny_skia::PathSegment;
use resvg::usvg::{self, Group, Node, fontdb};
use study::Drawing;

use super::tree::tree;
use crate::draw::DrawError;

/// What becomes of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// They stay text, in embedded fonts.
    Text,
    /// They become outlines.
    Outlines,
}

/// The file of a drawing; `title` and `description` are for those who cannot see it.
///
/// # Errors
/// If it has no area.
pub(super) fn pdf(
    drawing: &Drawing,
    title: &str,
    description: &str,
    letters: Letters,
) -> Result<Vec<u8>, DrawError> {
    let failed = |message: String| DrawError::Raster(message);
    let tree = tree(drawing)?;
    let (width, height) = (drawing.width as f32, drawing.height as f32);
    let size = PageSettings::from_wh(width, height);
    let mut document = Document::new();
    let mut page = document.start_page_with(size.ok_or_else(|| failed("it has no area".into()))?);
    let mut surface = page.surface();
    // The whole page is one figure to those who hear it: single labels of axes, read one after
    // another, say nothing.
    let content = surface.start_tagged(ContentTag::Other);
    surface.push_transform(&Transform::from_scale(
        width / tree.size().width(),
        height / tree.size().height(),
    ));
    let mut writer = Writer { surface: &mut surface, fonts: Fonts::of(tree.fontdb()), letters };
    let drawn = writer.group(tree.root());
    surface.pop();
    surface.end_tagged();
    surface.finish();
    page.finish();
    // After the page is closed, which the library wants also where something failed.
    drawn?;
    let mut figure = TagGroup::new(Tag::Figure(Some(description.to_owned())));
    figure.push(content);
    let mut tags = TagTree::new().with_lang(Some("en".to_owned()));
    tags.push(figure);
    document.set_tag_tree(tags);
    // No date: the library writes none that it is not given.
    let metadata = Metadata::new().title(title.to_owned()).language("en".to_owned());
    document.set_metadata(metadata.creator("restudy".to_owned()));
    document.finish().map_err(|error| failed(format!("{error:?}")))
}

/// The fonts of a tree as the page embeds them.
struct Fonts(Vec<(fontdb::ID, Font)>);

impl Fonts {
    fn of(fonts: &fontdb::Database) -> Self {
        let read = |face: &fontdb::FaceInfo| {
            let font = fonts.with_face_data(face.id, |bytes, index| {
                Font::new(Data::from(bytes.to_vec()), index)
            });
            Some((face.id, font.flatten()?))
        };
        Self(fonts.faces().filter_map(read).collect())
    }

    fn get(&self, id: fontdb::ID) -> Option<&Font> {
        self.0.iter().find(|(own, _)| *own == id).map(|(_, font)| font)
    }
}

struct Writer<'a, 's> {
    surface: &'a mut Surface<'s>,
    fonts: Fonts,
    letters: Letters,
}

impl Writer<'_, '_> {
    fn group(&mut self, group: &Group) -> Result<(), DrawError> {
        // a canvas makes none of these; one that did would print another picture than it shows
        if group.clip_path().is_some() || group.mask().is_some() || !group.filters().is_empty() {
            return Err(unprintable("a clip, a mask or a filter"));
        }
        self.surface.push_transform(&transform(group.transform()));
        let is_pale = group.opacity().get() < 1.0;
        if is_pale {
            self.surface.push_opacity(opacity(group.opacity()));
        }
        let drawn = group.children().iter().try_for_each(|node| match node {
            Node::Group(group) => self.group(group),
            Node::Path(path) => self.path(path),
            Node::Text(text) => self.text(text),
            Node::Image(_) => Err(unprintable("a picture")),
        });
        if is_pale {
            self.surface.pop();
        }
        self.surface.pop();
        drawn
    }

    fn path(&mut self, path: &usvg::Path) -> Result<(), DrawError> {
        let fill = path.fill().map(fill).transpose()?;
        let stroke = path.stroke().map(stroke).transpose()?;
        // without either the page would be inked in black
        if !path.is_visible() || (fill.is_none() && stroke.is_none()) {
            return Ok(());
        }
        let Some(way) = way(path) else { return Ok(()) };
        self.surface.set_fill(fill);
        self.surface.set_stroke(stroke);
        self.surface.draw_path(&way);
        Ok(())
    }

    fn text(&mut self, text: &usvg::Text) -> Result<(), DrawError> {
        // the halo of a text is the same text again: as letters it would be read twice
        let has_halo = text.layouted().iter().any(|span| span.stroke.is_some());
        if self.letters == Letters::Outlines || has_halo {
            // Outlines of the same letters: what is seen does not differ.
            return self.group(text.flattened());
        }
        for span in text.layouted() {
            let Some(first) = span.positioned_glyphs.first() else { continue };
            // A letter that the bundled font lacks is an outline in the drawing, and never text.
            let Some(font) = self.fonts.get(first.font).cloned() else {
                return Err(unprintable("a letter of no font"));
            };
            let size = span.font_size.get();
            let (mut line, mut glyphs) = (String::new(), Vec::new());
            let origin = first.transform();
            for (place, glyph) in span.positioned_glyphs.iter().enumerate() {
                let from = line.len();
                line.push_str(&glyph.text);
                // the way to the next letter: the last has none to go
                let here = glyph.transform();
                let next = span.positioned_glyphs.get(place + 1);
                let advance = next.map_or(0.0, |next| (next.transform().tx - here.tx) / size);
                let id = GlyphId::new(u32::from(glyph.id.0));
                glyphs.push(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, from..line.len(), None));
            }
            self.surface.set_fill(span.fill.as_ref().map(fill).transpose()?);
            self.surface.set_stroke(None);
            let start = Point::from_xy(origin.tx, origin.ty);
            self.surface.draw_glyphs(start, &glyphs, font, &line, size, false);
        }
        Ok(())
    }
}

fn unprintable(what: &str) -> DrawError {
    DrawError::Raster(format!("the drawing holds {what}, which no page of PDF is made of"))
}

fn transform(from: usvg::Transform) -> Transform {
    Transform::from_row(from.sx, from.ky, from.kx, from.sy, from.tx, from.ty)
}

fn opacity(from: usvg::Opacity) -> NormalizedF32 {
    NormalizedF32::new(from.get()).unwrap_or(NormalizedF32::ONE)
}

fn colour(paint: &usvg::Paint) -> Result<rgb::Color, DrawError> {
    match paint {
        usvg::Paint::Color(colour) => Ok(rgb::Color::new(colour.red, colour.green, colour.blue)),
        _ => Err(unprintable("a gradient or a pattern")),
    }
}

fn fill(from: &usvg::Fill) -> Result<Fill, DrawError> {
    let rule = match from.rule() {
        usvg::FillRule::NonZero => FillRule::NonZero,
        usvg::FillRule::EvenOdd => FillRule::EvenOdd,
    };
    Ok(Fill { paint: colour(from.paint())?.into(), opacity: opacity(from.opacity()), rule })
}

fn stroke(from: &usvg::Stroke) -> Result<Stroke, DrawError> {
    Ok(Stroke {
        paint: colour(from.paint())?.into(),
        width: from.width().get(),
        miter_limit: from.miterlimit().get(),
        line_cap: match from.linecap() {
            usvg::LineCap::Butt => LineCap::Butt,
            usvg::LineCap::Round => LineCap::Round,
            usvg::LineCap::Square => LineCap::Square,
        },
        line_join: match from.linejoin() {
            usvg::LineJoin::Miter | usvg::LineJoin::MiterClip => LineJoin::Miter,
            usvg::LineJoin::Round => LineJoin::Round,
            usvg::LineJoin::Bevel => LineJoin::Bevel,
        },
        opacity: opacity(from.opacity()),
        dash: from
            .dasharray()
            .map(|array| StrokeDash { array: array.to_vec(), offset: from.dashoffset() }),
    })
}

fn way(path: &usvg::Path) -> Option<Path> {
    let mut way = PathBuilder::new();
    for segment in path.data().segments() {
        match segment {
            PathSegment::MoveTo(to) => way.move_to(to.x, to.y),
            PathSegment::LineTo(to) => way.line_to(to.x, to.y),
            PathSegment::QuadTo(by, to) => way.quad_to(by.x, by.y, to.x, to.y),
            PathSegment::CubicTo(first, second, to) => {
                way.cubic_to(first.x, first.y, second.x, second.y, to.x, to.y);
            }
            PathSegment::Close => way.close(),
        }
    }
    way.finish()
}
