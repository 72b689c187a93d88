//! Reads what is in files for print, by means of its own: none of the code that wrote them.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use flate2::read::ZlibDecoder;
use tiff::decoder::{Decoder, ifd::Value};
use tiff::tags::Tag;

/// What a file of pixels says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Pixels {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Dots per inch.
    pub dpi: f64,
    /// Bits of each sample of a pixel.
    pub bits: Vec<u8>,
    /// How it is compressed, by the number that TIFF has for it; 0 of PNG.
    pub compression: u16,
    /// The samples, row by row.
    pub samples: Vec<u8>,
}

impl Pixels {
    /// A PNG file.
    ///
    /// # Panics
    /// If it is none, or says no resolution.
    #[must_use]
    pub fn of_png(file: &[u8]) -> Self {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().expect("a PNG file");
        let mut samples = vec![0; reader.output_buffer_size().expect("fits in memory")];
        reader.next_frame(&mut samples).expect("pixels");
        let info = reader.info();
        let density = info.pixel_dims.expect("a resolution");
        // PNG has one depth for all samples, TIFF names each
        let bits = vec![info.bit_depth as u8; info.color_type.samples()];
        // PNG counts dots per metre
        let dpi = f64::from(density.xppu) * 0.0254;
        Self { size: info.size(), dpi, bits, compression: 0, samples }
    }

    /// A TIFF file.
    ///
    /// # Panics
    /// If it is none, or says no resolution in dots per inch.
    #[must_use]
    pub fn of_tiff(file: &[u8]) -> Self {
        let mut decoder = Decoder::new(Cursor::new(file)).expect("a TIFF file");
        let size = decoder.dimensions().expect("a size");
        let whole = |decoder: &mut Decoder<_>, tag| {
            let values = decoder.get_tag_u32_vec(tag).expect("a tag of whole numbers");
            values.into_iter().map(|value| u16::try_from(value).expect("small")).collect::<Vec<_>>()
        };
        let bits = whole(&mut decoder, Tag::BitsPerSample);
        let compression = whole(&mut decoder, Tag::Compression)[0];
        // the two tags say the same twice and must not part
        assert_eq!(whole(&mut decoder, Tag::SamplesPerPixel), [bits.len() as u16]);
        assert_eq!(whole(&mut decoder, Tag::ResolutionUnit), [2], "inches");
        let dots = |decoder: &mut Decoder<_>, tag| match decoder.get_tag(tag).expect("a resolution")
        {
            Value::Rational(dots, per) => f64::from(dots) / f64::from(per),
            other => panic!("{other:?} is no resolution"),
        };
        let dpi = dots(&mut decoder, Tag::XResolution);
        // pixels that are not square would print a distorted figure
        assert_eq!(dpi, dots(&mut decoder, Tag::YResolution));
        assert!(!decoder.more_images(), "one picture");
        let samples = match decoder.read_image().expect("pixels") {
            tiff::decoder::DecodingResult::U8(samples) => samples,
            _ => panic!("samples of more than 8 bits"),
        };
        let bits = bits.into_iter().map(|bits| bits as u8).collect();
        Self { size, dpi, bits, compression, samples }
    }
}

/// A run of letters of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Letters {
    /// What a reader can select.
    pub text: String,
    /// How large they are printed, in points.
    pub size_pt: f64,
}

/// A PDF file of one page whose objects stand in the open.
pub struct Pdf {
    /// The dictionary of each object, and its stream unpacked.
    objects: BTreeMap<u32, (String, Vec<u8>)>,
}

impl Pdf {
    /// Reads a file.
    ///
    /// # Panics
    /// If it is not such a file.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        let mut objects = BTreeMap::new();
        let mut rest = file;
        // the objects are looked for themselves: the table of their places is the writer's
        // own word
        while let Some(start) = find(rest, b" 0 obj\n") {
            let digits =
                rest[..start].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let number = &rest[start - digits..start];
            let number = std::str::from_utf8(number).expect("digits").parse().expect("a number");
            rest = &rest[start + 7..];
            let end = find(rest, b"endobj").expect("an end");
            let stream = find(&rest[..end], b"stream\n");
            let dictionary = String::from_utf8_lossy(&rest[..stream.unwrap_or(end)]).into_owned();
            let mut content = Vec::new();
            if let Some(stream) = stream {
                // packed bytes may hold any mark by chance, so the stream is measured
                let length: usize = after(&dictionary, "/Length ").expect("a length");
                let stored = &rest[stream + 7..stream + 7 + length];
                if dictionary.contains("/FlateDecode") {
                    ZlibDecoder::new(stored).read_to_end(&mut content).expect("a packed stream");
                } else {
                    content.extend(stored);
                }
                rest = &rest[stream + 7 + length..];
            }
            objects.insert(number, (dictionary, content));
        }
        Self { objects }
    }

    fn dictionaries(&self) -> impl Iterator<Item = &str> {
        self.objects.values().map(|(dictionary, _)| dictionary.as_str())
    }

    /// Width and height of the page in millimetres.
    ///
    /// # Panics
    /// If there is no page.
    #[must_use]
    pub fn page_mm(&self) -> (f64, f64) {
        let page = self.dictionaries().find_map(|one| one.split("/MediaBox[").nth(1));
        let numbers = page.expect("a page").split(']').next().expect("an end").split(' ');
        let numbers: Vec<f64> = numbers.map(|number| number.parse().expect("a number")).collect();
        // a point is 1/72 inch
        (numbers[2] / 72.0 * 25.4, numbers[3] / 72.0 * 25.4)
    }

    /// The names of the fonts of the page, and whether each is in the file.
    #[must_use]
    pub fn fonts(&self) -> Vec<(String, bool)> {
        // a font without a file is left to the reader's machine
        let described = self.dictionaries().filter(|one| one.contains("/Type/FontDescriptor"));
        let fonts = described.map(|font| {
            let name = font.split("/FontName/").nth(1).unwrap_or_default();
            let name = name.split('/').next().unwrap_or_default();
            (name.to_owned(), font.contains("/FontFile"))
        });
        fonts.collect()
    }

    /// Whether it has a figure with a description for readers who cannot see it.
    #[must_use]
    pub fn has_described_figure(&self) -> bool {
        self.dictionaries().any(|one| one.contains("/S/Figure") && one.contains("/Alt"))
    }

    /// Whether it holds a date.
    #[must_use]
    pub fn has_date(&self) -> bool {
        let texts = self.objects.values().map(|(_, stream)| String::from_utf8_lossy(stream));
        // in the dictionary of the file, and again in its XML metadata
        self.dictionaries().any(|one| one.contains("Date(") || one.contains("Date<"))
            || texts.into_iter().any(|text| text.contains("CreateDate"))
    }

    /// All letters in the order in which they are set.
    ///
    /// # Panics
    /// If the page is written in a way that this does not read.
    #[must_use]
    pub fn letters(&self) -> Vec<Letters> {
        let page = self.dictionaries().find(|one| one.contains("/Type/Page/")).expect("a page");
        let content: u32 = after(page, "/Contents ").expect("a content");
        let mut setter = Setter::new(self);
        let mut operands = Vec::new();
        for token in tokens(&self.objects[&content].1) {
            match token {
                Token::Operator(operator) => {
                    setter.obey(&operator, &operands);
                    operands.clear();
                }
                operand => operands.push(operand),
            }
        }
        setter.set
    }

    /// What each code of a font of the page says.
    fn codes(&self, name: &str) -> BTreeMap<u16, String> {
        let resource = format!("/{name} ");
        let font: u32 = self.dictionaries().find_map(|one| after(one, &resource)).expect("a font");
        let map: u32 = after(&self.objects[&font].0, "/ToUnicode ").expect("what codes say");
        let map = String::from_utf8_lossy(&self.objects[&map].1).into_owned();
        let mut codes = BTreeMap::new();
        // one line for each code: the code, then its text in UTF-16
        for line in map.lines().filter(|line| line.starts_with('<')) {
            let parts: Vec<&str> =
                line.split(['<', '>']).filter(|part| !part.trim().is_empty()).collect();
            let [code, text] = parts.as_slice() else { continue };
            let units = text.as_bytes().chunks(4).map(|unit| {
                u16::from_str_radix(std::str::from_utf8(unit).expect("digits"), 16).expect("hex")
            });
            let text = String::from_utf16(&units.collect::<Vec<_>>()).expect("a text");
            codes.insert(u16::from_str_radix(code, 16).expect("hex"), text);
        }
        codes
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The number behind a key.
fn after<T: std::str::FromStr>(dictionary: &str, key: &str) -> Option<T> {
    let rest = dictionary.split(key).nth(1)?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

#[derive(Debug, Clone)]
enum Token {
    Number(f64),
    Name(String),
    Codes(Vec<u8>),
    Operator(String),
}

/// The numbers, names, texts and operators of a page; brackets are passed over.
fn tokens(content: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < content.len() {
        let byte = content[at];
        at += 1;
        match byte {
            b'(' => {
                let (mut codes, mut depth) = (Vec::new(), 0);
                // a text may hold brackets in pairs and escaped ones
                loop {
                    match content[at] {
                        b'\\' => {
                            at += 1;
                            let octal = content[at..].iter().take(3);
                            let octal =
                                octal.take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                            if octal > 0 {
                                let digits = std::str::from_utf8(&content[at..at + octal]);
                                codes.push(
                                    u8::from_str_radix(digits.expect("digits"), 8).expect("octal"),
                                );
                                at += octal - 1;
                            } else {
                                codes.push(match content[at] {
                                    b'n' => b'\n',
                                    b'r' => b'\r',
                                    b't' => b'\t',
                                    b'b' => 8,
                                    b'f' => 12,
                                    other => other,
                                });
                            }
                        }
                        b')' if depth == 0 => break,
                        other => {
                            depth += i32::from(other == b'(') - i32::from(other == b')');
                            codes.push(other);
                        }
                    }
                    at += 1;
                }
                at += 1;
                tokens.push(Token::Codes(codes));
            }
            b'<' if content[at] == b'<' => at += 1,
            b'<' => {
                let end = at + find(&content[at..], b">").expect("an end");
                let digits = std::str::from_utf8(&content[at..end]).expect("digits");
                let codes = digits.as_bytes().chunks(2).map(|pair| {
                    u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("hex")
                });
                tokens.push(Token::Codes(codes.collect()));
                at = end + 1;
            }
            b'>' | b'[' | b']' => {}
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                let start = at - 1;
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"()<>[]/".contains(byte);
                at += content[at..].iter().position(ends).unwrap_or(content.len() - at);
                let word = String::from_utf8_lossy(&content[start..at]).into_owned();
                tokens.push(match (word.parse(), word.strip_prefix('/')) {
                    (Ok(number), _) => Token::Number(number),
                    (_, Some(name)) => Token::Name(name.to_owned()),
                    _ => Token::Operator(word),
                });
            }
        }
    }
    tokens
}

type Matrix = [f64; 6];

/// `inner` within `outer`.
fn within(inner: Matrix, outer: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = inner;
    let [g, h, i, j, k, l] = outer;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

/// Follows a page as far as letters ask for it.
struct Setter<'a> {
    pdf: &'a Pdf,
    now: Matrix,
    kept: Vec<Matrix>,
    line: Matrix,
    font: (BTreeMap<u16, String>, f64),
    set: Vec<Letters>,
}

impl<'a> Setter<'a> {
    fn new(pdf: &'a Pdf) -> Self {
        let same = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        Self { pdf, now: same, kept: vec![], line: same, font: (BTreeMap::new(), 0.0), set: vec![] }
    }

    fn obey(&mut self, operator: &str, operands: &[Token]) {
        let numbers: Vec<f64> = operands
            .iter()
            .filter_map(|one| if let Token::Number(number) = one { Some(*number) } else { None })
            .collect();
        match operator {
            "q" => self.kept.push(self.now),
            "Q" => self.now = self.kept.pop().expect("as many are put back as were kept"),
            "cm" => self.now = within(numbers.try_into().expect("six numbers"), self.now),
            "Tm" => self.line = numbers.try_into().expect("six numbers"),
            "Tf" => {
                let Token::Name(name) = &operands[0] else { panic!("a font has a name") };
                self.font = (self.pdf.codes(name), numbers[0]);
            }
            "Tj" | "TJ" => {
                let codes = operands.iter().filter_map(|one| match one {
                    Token::Codes(codes) => Some(codes.as_slice()),
                    _ => None,
                });
                let codes: Vec<u8> = codes.flatten().copied().collect();
                let letters = codes.chunks(2).map(|code| u16::from_be_bytes([code[0], code[1]]));
                let text = letters.map(|code| self.font.0[&code].as_str()).collect();
                let [a, b, c, d, ..] = within(self.line, self.now);
                // the font's size times what the matrices make of an area
                let size_pt = self.font.1 * (a * d - b * c).abs().sqrt();
                self.set.push(Letters { text, size_pt });
            }
            _ => {}
        }
    }
}
