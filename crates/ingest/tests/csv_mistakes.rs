//! Every mistake that `kind: csv` reports, in full.

mod support;

use restudy_ingest::Csv;
use support::ingest;

fn mistakes(yaml: &str, file: &[u8]) -> String {
    ingest::<Csv>(yaml, file).expect_err("there are mistakes")
}

fn check(cases: &[(&str, &[u8], &str)]) {
    for (yaml, file, expected) in cases {
        assert_eq!(&mistakes(&format!("path: p.csv\n{yaml}"), file), expected, "{yaml}");
    }
}

#[test]
fn declarations_that_make_no_sense() {
    check(&[
        (
            "columns: { a: { type: category } }",
            b"a\n",
            "[columns.a] category `a` declares no levels\n\
             -> write `levels: { level: [spelling in the file] }` in the order of the tables\n",
        ),
        (
            "columns: { a: { type: whole, levels: { b: [] } } }",
            b"a\n",
            "[columns.a.levels] `a` has levels but is no category\n\
             -> write `type: category`, or `type: boolean` with the levels `yes` and `no`\n",
        ),
        // `±` is misspelt for no level, and `-` as an id would break the names of findings
        (
            "columns: { a: { type: category, levels: { '+': [], '-': [] }, level_ids: { '±': weak, '+': '-' } } }",
            b"a\n",
            "[columns.a.level_ids.±] there is no level `±`\n\
             -> there are: `+`, `-`\n\
             [columns.a.level_ids.+] `-` cannot stand in an id\n\
             -> write a word of small letters, digits and underscores\n",
        ),
        (
            "columns: { a: { type: boolean, level_ids: { yes: positive } } }",
            b"a\n",
            "[columns.a.level_ids] `a` names levels for ids but is no category\n\
             -> write `type: category`\n",
        ),
        (
            "columns: { a: { type: boolean, levels: { ja: ['1'] } } }",
            b"a\n",
            "[columns.a.levels.ja] yes/no column `a` has a level `ja`\n\
             -> its levels are `yes` and `no`; for others write `type: category`\n",
        ),
        (
            "columns: { a: { type: category, levels: { b: ['1'], c: ['1'] } } }",
            b"a\n",
            "[columns.a.levels.c] `1` stands for `b` and for `c`\n\
             -> give each spelling to one level\n",
        ),
        // `false` is always a spelling of `no`, also where levels are declared
        (
            "columns: { a: { type: boolean, levels: { yes: ['false'] } } }",
            b"a\n",
            "[columns.a.levels.yes] `false` stands for `no` and for `yes`\n\
             -> give each spelling to one level\n",
        ),
        // a code would be read as missing first, and the level would never be found
        (
            "columns: { a: { type: category, missing: ['9'], levels: { b: ['9'] } } }",
            b"a\n",
            "[columns.a.levels.b] `9` stands for `b` and for missing\n\
             -> take it out of `levels:` or out of `missing:`\n",
        ),
        (
            "columns: { _line: { type: whole } }",
            b"_line\n",
            "[columns._line] `_line` is taken\n\
             -> it holds the line in the raw file: choose another name, and name the header of the file in `header:`\n",
        ),
    ]);
}

#[test]
fn headers_that_are_not_as_declared() {
    let two = "columns: { age: { type: whole }, sex: { type: text } }";
    check(&[
        (
            two,
            b"agee,sex\n1,F\n",
            "[columns.age] p.csv has no column `age`\n\
             -> did you mean `agee`?\n\
             [columns] p.csv has columns that are not declared: `agee`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
        // no name is near enough for a guess, so all are listed
        (
            two,
            b"x,sex\n1,F\n",
            "[columns.age] p.csv has no column `age`\n\
             -> there are: `x`, `sex`\n\
             [columns] p.csv has columns that are not declared: `x`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
        // that both columns hold the same is not asked: the header is the mistake
        (
            two,
            b"age,sex,age\n1,F,2\n",
            "[columns.age] p.csv has the header `age` more than once: columns 1, 3\n\
             -> give each column of the file a header of its own\n",
        ),
        (
            two,
            b"age,sex,,site\n",
            "[columns] p.csv has columns that are not declared: the 3. one, without a name, `site`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
        // one mistake about the delimiter, not one for each column
        (
            two,
            b"age;sex\n1;F\n",
            "[delimiter] p.csv has one column only when cut at each comma\n\
             -> its header reads as if cut by `delimiter: semicolon`\n",
        ),
        (
            two,
            b"age,\"sex\n1,F\n",
            "[path] p.csv:1: a quotation mark that opens in this row is never closed\n\
             -> put the whole cell in quotation marks, and double each mark that belongs to its text\n",
        ),
        (
            two,
            b"",
            "[path] p.csv is empty\n\
             -> its first line holds the names of the columns\n",
        ),
        // nothing but the mark of UTF-8 and a blank line
        (
            two,
            b"\xef\xbb\xbf\r\n",
            "[path] p.csv is empty\n\
             -> its first line holds the names of the columns\n",
        ),
        (
            "columns: { age: { type: whole, header: Age } }",
            b"age\n1\n",
            "[columns.age.header] p.csv has no column `Age`\n\
             -> did you mean `age`?\n\
             [columns] p.csv has columns that are not declared: `age`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
        // a mistake of the declaration does not hide those of the header
        (
            "columns: { sex: { type: category } }",
            b"Sex\n",
            "[columns.sex] category `sex` declares no levels\n\
             -> write `levels: { level: [spelling in the file] }` in the order of the tables\n\
             [columns.sex] p.csv has no column `sex`\n\
             -> did you mean `Sex`?\n\
             [columns] p.csv has columns that are not declared: `Sex`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
    ]);
}

#[test]
fn bytes_that_are_not_text() {
    let name = "columns: { name: { type: text } }";
    check(&[
        // GB18030 bytes in a file that is declared as UTF-8
        (
            name,
            b"name\nx\n\xd6\xd0\n",
            "[encoding] p.csv:3: byte 1 of the line (0xD6) is not UTF-8\n\
             -> declare the encoding in which the file was saved: `encoding: utf_8`, `gb18030` (Chinese) or `windows_1252` (western European)\n",
        ),
        (
            "encoding: gb18030\ncolumns: { name: { type: text } }",
            b"name\nab\xff\n",
            "[encoding] p.csv:2: byte 3 of the line (0xFF) is not GB18030\n\
             -> declare the encoding in which the file was saved: `encoding: utf_8`, `gb18030` (Chinese) or `windows_1252` (western European)\n",
        ),
        (
            name,
            b"PK\x03\x04...",
            "[encoding] p.csv: the file is a workbook or another packed file, not text\n\
             -> read a workbook with `kind: xlsx`\n",
        ),
        (
            name,
            b"\xff\xfen\0",
            "[encoding] p.csv: the file is UTF-16 text\n\
             -> save it again as UTF-8 (in Excel: `CSV UTF-8`)\n",
        ),
    ]);
}

#[test]
fn rows_that_are_not_as_wide_as_the_header() {
    let two = "columns: { a: { type: text }, b: { type: text } }";
    check(&[
        // the blank line counts as a line, so the places are those of an editor
        (
            two,
            b"a,b\n1,2\n\n3\n4,5,6\n",
            "[] p.csv:4: the row has 1 cell, the header 2\n\
             -> write a delimiter for every cell, also for empty ones, and put a cell that holds a line break in quotation marks\n\
             [] p.csv:5: the row has 3 cells, the header 2\n\
             -> put a cell that holds a delimiter in quotation marks\n",
        ),
        // the break within a cell above shifts the lines; the mark that is never closed
        // swallows the last row
        (
            two,
            b"a,b\n1,\"x\ny\"\n2,\"y\n3,z\n",
            "[] p.csv:4: a quotation mark that opens in this row is never closed\n\
             -> put the whole cell in quotation marks, and double each mark that belongs to its text\n",
        ),
        (
            two,
            b"a,b\n5\" pipe,x\n\"y\" ,z\n",
            "[] p.csv:2: a quotation mark stands inside a cell that is not quoted\n\
             -> put the whole cell in quotation marks, and double each mark that belongs to its text\n\
             [] p.csv:3: text follows a closing quotation mark\n\
             -> put the whole cell in quotation marks, and double each mark that belongs to its text\n",
        ),
    ]);
}

#[test]
fn cells_that_do_not_fit_their_column() {
    check(&[
        (
            "columns: { a: { type: id } }",
            b"a\nP7 \n",
            "[columns.a] p.csv:2: column `a`: `P7 ` has a blank before or after it\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n",
        ),
        // a letter for a digit, a decimal comma, a decimal point, too many digits, a blank
        (
            "columns: { a: { type: whole } }",
            b"a\n6l\n\"6,1\"\n1.0\n99999999999999999999\n 6\n",
            "[columns.a] p.csv:2: column `a`: `6l` is not a whole number\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.csv:3: column `a`: `6,1` is not a whole number\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.csv:4: column `a`: `1.0` is not a whole number\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.csv:5: column `a`: `99999999999999999999` is too large for a whole number\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.csv:6: column `a`: ` 6` has a blank before or after it\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n",
        ),
        (
            "columns: { a: { type: real } }",
            b"a\n\"1,5\"\nnan\n",
            "[columns.a] p.csv:2: column `a`: `1,5` is not a plain decimal number with a decimal `.`\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.csv:3: column `a`: `nan` is not a plain decimal number with a decimal `.`\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n",
        ),
        (
            "decimal_comma: true\ncolumns: { a: { type: real } }",
            b"a\n1.5\n",
            "[columns.a] p.csv:2: column `a`: `1.5` is not a plain decimal number with a decimal `,`\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n",
        ),
        // a day and month that could be either way, and a day that February never has
        (
            "columns: { a: { type: date } }",
            b"a\n03/04/2021\n2021-02-30\n",
            "[columns.a] p.csv:2: column `a`: `03/04/2021` is not a date written as YYYY-MM-DD\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.csv:3: column `a`: `2021-02-30` is not a day of the calendar\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n",
        ),
        (
            "columns: { a: { type: boolean } }",
            b"a\n1\n",
            "[columns.a] p.csv:2: column `a`: `1` is neither yes nor no: there are `false`, `true`\n\
             -> add the spelling under `levels:` to `yes` or `no`, or to `missing:`\n",
        ),
        // spellings are taken to the letter, also between small and capital letters
        (
            "columns: { a: { type: boolean, levels: { yes: [Y], no: [N] } } }",
            b"a\ny\n",
            "[columns.a] p.csv:2: column `a`: `y` is neither yes nor no: there are `N`, `Y`, `false`, `no`, `true`, `yes`\n\
             -> add the spelling under `levels:` to `yes` or `no`, or to `missing:`\n",
        ),
        // one near miss with a guess, one without, and one with a break that the message
        // writes on one line
        (
            "columns: { a: { type: category, levels: { female: [F], male: [M] } } }",
            b"a\nfemal\nunknown\n\"a\nb\"\n",
            "[columns.a] p.csv:2: column `a`: `femal` is none of the levels\n\
             -> did you mean `female`? otherwise add the spelling to its level under `levels:`, or to `missing:`\n\
             [columns.a] p.csv:3: column `a`: `unknown` is none of the levels\n\
             -> there are: `female`, `male`; add the spelling to its level under `levels:`, or to `missing:`\n\
             [columns.a] p.csv:4: column `a`: `a\\nb` is none of the levels\n\
             -> there are: `female`, `male`; add the spelling to its level under `levels:`, or to `missing:`\n",
        ),
        (
            "missing: [NA]\ncolumns: { a: { type: text, required: true } }",
            b"a\nNA\n\"\"\n",
            "[columns.a] p.csv:2: column `a`: `NA` means missing, but the column is required\n\
             -> fill it in, or take `required` from the column\n\
             [columns.a] p.csv:3: column `a`: the cell is empty, but the column is required\n\
             -> fill it in, or take `required` from the column\n",
        ),
        // `07` is the number 7, and missing values may repeat
        (
            "columns: { a: { type: whole, unique: true } }",
            b"a\n7\n8\n07\n7\n\n\"\"\n\"\"\n",
            "[columns.a] p.csv:4: column `a`: `07` stands already in line 2, and the column is unique\n\
             -> correct one of them, or take `unique` from the column and drop repeated rows in `clean:`\n\
             [columns.a] p.csv:5: column `a`: `7` stands already in line 2, and the column is unique\n\
             -> correct one of them, or take `unique` from the column and drop repeated rows in `clean:`\n",
        ),
    ]);
}

#[test]
fn promises_about_columns_hold_where_misfits_are_set_to_missing() {
    // an empty cell of a required column stops even where misfits are set to missing
    check(&[(
        "misfits: set_missing\ncolumns: { a: { type: whole, required: true }, b: { type: id, unique: true } }",
        b"a,b\nx,P1\n1,P1\n,P 2\n",
        "[columns.a] p.csv:2: column `a`: `x` is not a whole number\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.b] p.csv:3: column `b`: `P1` stands already in line 2, and the column is unique\n\
             -> correct one of them, or take `unique` from the column and drop repeated rows in `clean:`\n\
             [columns.a] p.csv:4: column `a`: the cell is empty, but the column is required\n\
             -> fill it in, or take `required` from the column\n",
    )]);
}

#[test]
fn of_many_mistakes_the_first_are_shown_and_the_others_counted() {
    // 120 misfits, of which 50 are shown with two lines each, then the count of the 70
    // others
    let file = format!("a,b\n{}", "x,1\n1,y\n".repeat(60));
    let text = mistakes(
        "path: p.csv\ncolumns: { a: { type: whole }, b: { type: whole } }",
        file.as_bytes(),
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 102);
    assert_eq!(lines[0], "[columns.a] p.csv:2: column `a`: `x` is not a whole number");
    assert_eq!(lines[98], "[columns.b] p.csv:51: column `b`: `y` is not a whole number");
    assert_eq!(lines[100], "[] p.csv has 70 more cells or rows that do not fit");
    assert_eq!(lines[101], "-> mend those shown and run again");
}
