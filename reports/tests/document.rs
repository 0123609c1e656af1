//! One document, drawn by three renderers.

use bench_reports::document::chart::{Axis, ChartRow, Mark, RowChart, Scale, axis};
use bench_reports::document::{
    Blocks, Card, Cell, Column, Document, Figure, Head, Link, Media, Section, Table, Tone, Words,
    html, markdown, terminal, text,
};
use scraper::{Html, Selector};

fn table() -> Table {
    let columns = [
        Column::names("cache"),
        Column::words("verdict"),
        Column::numbers("time"),
        Column::numbers("hits"),
        Column::prose("why").only(Media::HTML),
    ];
    let mut table = Table::new("Caches", columns).sortable().of("caches");
    table.row([
        Cell::name("ccache"),
        Words::new().verdict(Tone::Good, "keeps").into(),
        Cell::number("1.20 s", Some(1.2)),
        Cell::number("-", None),
        "its objects `*.o` were found".into(),
    ]);
    table.row_at(
        "second".to_owned(),
        [
            Cell::name("a cache whose name is longer than a narrow terminal has columns"),
            Words::new().verdict(Tone::Bad, "breaks").into(),
            Cell::number("13.0 s", Some(13.0)),
            Cell::or_nothing(None::<String>),
            Cell::default(),
        ],
    );
    table.without_empty_columns()
}

fn chart() -> Option<Figure> {
    let axis = Axis::covering(Scale::Linear, [1.2, 13.0], axis::seconds)?;
    let row = ChartRow {
        label: "ccache".to_owned(),
        marks: vec![(1.2, Mark::Disc)],
        ..ChartRow::default()
    };
    let chart = RowChart { axis, lines: vec![row], guide: None, band: None };
    Some(Figure::rows(chart, "Times.").legend([(Mark::Disc, "cold".to_owned())]))
}

fn document() -> Document {
    let worth = Blocks::new()
        .cards(vec![Card {
            heading: Words::new().key(Mark::Disc, "cold"),
            answer: "13.0 s".into(),
            basis: Some("n = 5".into()),
            lines: vec![Words::new().strong("2x").text(" speed-up")],
        }])
        .figure(chart())
        .table(table())
        .remarks(["ccache: margin 5 %, floor 2 %"])
        .notes(["The cache `ccache` saves 11.8 s -> it pays.", "Restore is not in it."])
        .folded(
            "Every part",
            Blocks::new().facts(vec![("CPU".to_owned(), Words::new().name("x86 <b>"))]),
        );
    let next = Blocks::new()
        .findings(["cold: nothing was saved", "hot: as fast as cold"])
        .heading("Make it portable")
        .steps(["set `base_dir`", "run again"])
        .labelled(vec![
            (Words::new().verdict(Tone::Worse, "regressed"), "cold: ratio 1.31".into()),
            (
                Words::new().verdict(Tone::Open, "inconclusive"),
                Words::new().link(Link::anchor("second"), "hot"),
            ),
        ])
        .listing("Variables", "yaml", "env:\n  A: \"1\"\n")
        .only(Media::PLAIN, Blocks::new().quiet("Evidence: 5 of 5 samples proven"));
    Document::new(
        Words::new().name("arduino-uno").text(": what is each cache worth?"),
        Head {
            kind: "Cache report".to_owned(),
            facts: vec![
                Words::new().only(
                    Media::HTML,
                    Words::new().moment("2026-01-01T00:00:00+00:00", "1 January 2026"),
                ),
                Words::new().setting("jobs", "2"),
                Words::new().setting("launcher", ""),
            ],
            conclusion: vec!["It pays: 11.8 s a job.".into()],
            verdicts: vec![(Words::new().verdict(Tone::Good, "ok"), "2 gates".into())],
            warnings: vec!["One sample failed.".into()],
        },
        [
            Section::new("worth", "Worth", worth).lead("One job with each set.").folded(),
            Section::new("next", "Next", next),
            Section::new("page", "On a page", Blocks::new().figure(chart())),
        ],
    )
}

fn page(document: &Document) -> String {
    html::render(document, &serde_json::json!({ "samples": [], "examples": [] }))
        .expect("it is JSON")
}

#[test]
fn a_terminal_gets_columns_and_sentences() {
    let screen = terminal::Screen { width: 80, colour: false };
    insta::assert_snapshot!("document-terminal", terminal::render(&document(), screen));
    let narrow = terminal::render(&document(), terminal::Screen { width: 40, colour: false });
    assert!(narrow.lines().all(|line| text::width(line) <= 40), "{narrow}");
    let coloured = terminal::render(&document(), terminal::Screen { width: 80, colour: true });
    assert!(coloured.contains("\u{1b}[31mregressed") || coloured.contains("\u{1b}[31m  regressed"));
}

#[test]
fn a_pull_request_gets_markdown() {
    insta::assert_snapshot!("document-markdown", markdown::render(&document()));
}

#[test]
fn a_browser_gets_a_page() {
    let page = page(&document());
    let main = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next());
    // The chart has a test of its own in every report.
    let main = main.expect("a page has one").replace("/>", "/>\n");
    insta::assert_snapshot!("document-html", main);
    let parsed = Html::parse_document(&page);
    let find = |selector: &str| parsed.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((find("section"), find("figure"), find("nav li")), (3, 2, 3));
    assert_eq!((find("table[data-table]"), find("[data-v]"), find("tr#second")), (1, 2, 1));
}

#[test]
fn foreign_text_is_text_wherever_it_stands() {
    let foreign = "</script><img src=x onerror=alert(1)>|`x` **b** @me\n# h\u{202e}\u{1b}[31m";
    let all = || {
        Words::new()
            .text(foreign)
            .quantity(foreign)
            .code(foreign)
            .name(foreign)
            .setting(foreign, foreign)
            .strong(foreign)
            .aside(foreign)
            .verdict(Tone::Bad, foreign)
            .key(Mark::Cross, foreign)
            .labelled_link(Link::file("../logs", &[foreign]).expect("a name"), foreign, foreign)
            .item(3, foreign)
            .sparkline(foreign, foreign)
            .moment(foreign, foreign)
            .scripted(foreign)
    };
    let mut table = Table::new(foreign, [Column::names(foreign), Column::numbers(foreign)]);
    table.row_at(foreign.to_owned(), [all().into(), all().into()]);
    let blocks = Blocks::new()
        .heading(all())
        .paragraph(all())
        .warning(all())
        .notes([all()])
        .steps([all()])
        .labelled(vec![(all(), all())])
        .facts(vec![(foreign.to_owned(), all())])
        .table(table)
        .listing(foreign, "yaml", format!("{foreign}\n```\n````"))
        .folded(foreign, Blocks::new().quiet(all()));
    let head = Head {
        kind: foreign.to_owned(),
        facts: vec![all()],
        conclusion: vec![all()],
        verdicts: vec![(all(), all())],
        warnings: vec![all()],
    };
    let document = Document::new(all(), head, [Section::new("one", all(), blocks).lead(all())]);

    let screen = terminal::render(&document, terminal::Screen { width: 80, colour: false });
    assert!(screen.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{screen:?}");

    let markdown = markdown::render(&document);
    let fence = markdown.find("\n`````yaml\n").expect("a fence that the text cannot end");
    let outside = &markdown[..fence];
    for obeyed in ["<img", "</script", "**b**", "`x`", "\n# h", "|`", "@me"] {
        assert!(!outside.contains(obeyed), "{obeyed} in {outside}");
    }

    let data = serde_json::json!({ "name": foreign });
    let page = Html::parse_document(&html::render(&document, &data).expect("it is JSON"));
    let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((count("img"), count("script"), count("[onerror]"), count("section")), (0, 2, 0, 1));
    let shown: String = page.root_element().text().collect();
    assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}'));
}
