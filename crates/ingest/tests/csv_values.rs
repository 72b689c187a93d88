//! What `kind: csv` makes of files that are in order.

mod support;

use restudy_ingest::Csv;
use support::{ingest, problems, values};

const ALL_TYPES: &str = "
path: data/raw/p.csv
missing: [NA]
columns:
  id: { type: id, required: true, unique: true }
  note: { type: text }
  cycles: { type: whole }
  albumin: { type: real, label: Albumin at baseline, unit: g/L, decimals: 0, missing: ['-1'] }
  dead: { type: boolean, levels: { yes: ['1'], no: ['0'] } }
  born: { type: date, header: date of birth }
  sex: { type: category, levels: { female: [F, 女], male: [M] } }
";

fn read(yaml: &str, file: &[u8]) -> String {
    values(&ingest::<Csv>(yaml, file).expect("the file is in order").tables["t"])
}

#[test]
fn every_type_is_read_and_missing_stays_missing() {
    // The columns stand in another order than declared. A quoted cell holds a
    // delimiter, a mark and a break, which shifts the lines below it.
    let file = "date of birth,id,note,cycles,albumin,dead,sex\n\
                1950-02-28,P 1,\"a, \"\"b\"\"\nc\",4,36.5,1,F\n\
                ,P2,,NA,-1,false,女\n\
                NA,P3, x ,-2,40,no,male\n";
    let expected = "_line:i64 id:str note:str cycles:i64 albumin:f64 dead:bool born:date sex:str\n\
                    2 \"P 1\" \"a, \\\"b\\\"\\nc\" 4 36.5 true 1950-02-28 \"female\"\n\
                    4 \"P2\" ~ ~ ~ false ~ \"female\"\n\
                    5 \"P3\" \" x \" -2 40.0 false ~ \"male\"\n";
    // with the mark of UTF-8, which must not become part of the first header
    let marked = [b"\xef\xbb\xbf", file.as_bytes()].concat();
    assert_eq!(read(ALL_TYPES, file.as_bytes()), expected);
    assert_eq!(read(ALL_TYPES, &marked), expected);
    // a break within a cell is text and stays as it was written
    let windows = read(ALL_TYPES, file.replace('\n', "\r\n").as_bytes());
    assert_eq!(windows, expected.replace("\\nc", "\\r\\nc"));
}

#[test]
fn what_is_known_of_columns_goes_with_the_table() {
    let file = b"date of birth,id,note,cycles,albumin,dead,sex\n";
    let output = ingest::<Csv>(ALL_TYPES, file).expect("a header alone is in order");
    let table = &output.tables["t"];
    assert_eq!(table.height(), 0);
    assert_eq!(table.about("albumin").label, "Albumin at baseline");
    let about = table.about("albumin");
    assert_eq!((about.unit.as_deref(), about.decimals), (Some("g/L"), Some(0)));
    assert_eq!(table.about("cycles").label, "cycles");
    let levels: Vec<String> =
        table.about("sex").levels.into_iter().map(|level| level.value).collect();
    assert_eq!(levels, ["female", "male"]);
    // its levels are spellings of yes and no
    assert!(table.about("dead").levels.is_empty());
    assert_eq!(table.about("_line").label, "Line in the raw file");
}

#[test]
fn other_encodings_delimiters_and_commas_are_read_as_declared() {
    let cases: [(&str, &[u8], &str); 4] = [
        ("encoding: gb18030", b"a,b\n\xc5\xae,1.5\n", "2 \"女\" 1.5"),
        ("encoding: windows_1252", b"a,b\ncaf\xe9,1.5\n", "2 \"café\" 1.5"),
        ("{ delimiter: semicolon, decimal_comma: true }", b"a;b\nx,y;1,5\n", "2 \"x,y\" 1.5"),
        // a blank is text, and between tabs it is no delimiter
        ("delimiter: tab", b"b\ta\r\n\r\n-3\t \r\n", "3 \" \" -3.0"),
    ];
    for (parameters, file, row) in cases {
        let parameters = parameters.trim_matches(['{', '}']).replace(", ", "\n").replace(" d", "d");
        let yaml = format!(
            "path: p.csv\ncolumns: {{ a: {{ type: text }}, b: {{ type: real }} }}\n{parameters}"
        );
        assert_eq!(read(&yaml, file), format!("_line:i64 a:str b:f64\n{row}\n"));
    }
}

#[test]
fn other_columns_can_be_ignored_even_if_repeated_or_unnamed() {
    let yaml = "{ path: p.csv, other_columns: ignore, columns: { b: { type: whole } } }";
    // the header `a` stands twice, but no declared column needs it
    assert_eq!(read(yaml, b"a,b,a,\n1,2,3,4\n1,,,\n"), "_line:i64 b:i64\n2 2\n3 ~\n");
}

#[test]
fn one_column_of_the_file_may_be_read_twice() {
    let yaml = "{ path: p.csv, columns: { a: { type: text }, b: { type: whole, header: a } } }";
    assert_eq!(read(yaml, b"a\n07\n"), "_line:i64 a:str b:i64\n2 \"07\" 7\n");
}

#[test]
fn misfits_set_to_missing_are_kept_as_problems() {
    let yaml = "
path: data/raw/p.csv
misfits: set_missing
columns:
  id: { type: id }
  age: { type: whole }
  sex: { type: category, levels: { female: [F], male: [M] } }
";
    let file = b"id,age,sex\nP1,6l,f\nP2,61,M\n P3,,\n";
    let output = ingest::<Csv>(yaml, file).expect("misfits are set to missing");
    assert_eq!(
        values(&output.tables["t"]),
        "_line:i64 id:str age:i64 sex:str\n2 \"P1\" ~ ~\n3 \"P2\" 61 \"male\"\n4 ~ ~ ~\n"
    );
    assert_eq!(
        problems(&output),
        "t data/raw/p.csv:2 age: \"6l\" is not a whole number\n\
         t data/raw/p.csv:2 sex: \"f\" is none of the levels\n\
         t data/raw/p.csv:4 id: \" P3\" has a blank before or after it\n"
    );
}
