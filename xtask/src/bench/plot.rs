//! Pictures of tables: small SVG files that are readable on a light and on a dark page.

use std::fmt::{self, Write as _};

use super::findings::{Bar, Line, Plot, grouped};

const WIDTH: f64 = 760.0;
const MARGIN: f64 = 16.0;
const ROW: f64 = 26.0;
const TITLE: f64 = 44.0;
/// Of a letter, on average.
const LETTER: f64 = 6.7;
const LINES_HEIGHT: f64 = 300.0;

/// Colours by role: each light one has a dark one of like contrast.
const STYLE: &str = "<style>\
text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}\
.unit,.tick{fill:#59636e}.page{fill:#fff}.rule{stroke:#d1d9e0}.mark{stroke:#59636e}\
.ours{fill:#0969da}.theirs{fill:#afb8c1}.range{stroke:#1f2328}\
.line0{stroke:#0969da}.line1{stroke:#bc4c00}.line2{stroke:#1a7f37}.line3{stroke:#8250df}\
.dot0{fill:#0969da}.dot1{fill:#bc4c00}.dot2{fill:#1a7f37}.dot3{fill:#8250df}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.unit,.tick{fill:#9198a1}.page{fill:#0d1117}\
.rule{stroke:#3d444d}.mark{stroke:#9198a1}.ours{fill:#4493f8}.theirs{fill:#656c76}\
.range{stroke:#e6edf3}.line0{stroke:#4493f8}.line1{stroke:#f0883e}.line2{stroke:#3fb950}\
.line3{stroke:#ab7df8}.dot0{fill:#4493f8}.dot1{fill:#f0883e}.dot2{fill:#3fb950}.dot3{fill:#ab7df8}}\
</style>";

/// The whole picture.
pub(super) fn svg(title: &str, plot: &Plot) -> String {
    let mut picture = String::new();
    let drawn = match plot {
        Plot::Bars { unit, line_at, bars } => draw_bars(&mut picture, title, unit, *line_at, bars),
        Plot::Lines { unit, x_unit, x_in_decades, lines } => {
            let axes = Axes::around(lines, *x_in_decades);
            draw_lines(&mut picture, title, unit, x_unit, &axes, lines)
        }
    };
    drawn.expect("a string takes all that is written to it");
    picture
}

fn begin(out: &mut String, title: &str, unit: &str, height: f64) -> fmt::Result {
    let (title, unit) = (escaped(title), escaped(unit));
    let below = height - 8.0;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{title}\">{STYLE}<rect class=\"page\" width=\"{WIDTH}\" \
         height=\"{height}\"/><text class=\"title\" x=\"{MARGIN}\" y=\"24\">{title}</text>\
         <text class=\"unit\" x=\"{MARGIN}\" y=\"{below}\">{unit}</text>"
    )
}

fn draw_bars(
    out: &mut String,
    title: &str,
    unit: &str,
    line_at: Option<f64>,
    bars: &[Bar],
) -> fmt::Result {
    let rows = super::statistics::number(bars.len());
    let bottom = TITLE + rows * ROW;
    begin(out, title, unit, bottom + 32.0)?;
    let longest = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or_default();
    let left = MARGIN + super::statistics::number(longest).mul_add(LETTER, 10.0);
    let most = bars.iter().map(|bar| bar.most).chain(line_at).fold(0.0, f64::max);
    let scale = (WIDTH - left - 110.0) / if most > 0.0 { most } else { 1.0 };
    if let Some(at) = line_at {
        let x = at.mul_add(scale, left);
        writeln!(
            out,
            "<line class=\"mark\" stroke-dasharray=\"4 3\" x1=\"{x:.1}\" x2=\"{x:.1}\" \
             y1=\"{}\" y2=\"{bottom}\"/>",
            TITLE - 6.0
        )?;
    }
    for (row, bar) in bars.iter().enumerate() {
        let y = super::statistics::number(row).mul_add(ROW, TITLE);
        let middle = y + 9.0;
        let class = if bar.ours { "ours" } else { "theirs" };
        let length = (bar.value * scale).max(1.0);
        let [from, to] = [bar.least, bar.most].map(|value| value.max(0.0).mul_add(scale, left));
        let end = to.max(left + length) + 8.0;
        let value = grouped(bar.value, decimals(bar.value));
        writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" \
             height=\"18\" rx=\"2\"/>\
             <line class=\"range\" x1=\"{from:.1}\" x2=\"{to:.1}\" y1=\"{middle:.1}\" \
             y2=\"{middle:.1}\"/><text x=\"{end:.1}\" y=\"{:.1}\">{value}</text>",
            left - 8.0,
            y + 13.0,
            escaped(&bar.label),
            y + 13.0,
        )?;
    }
    out.push_str("</svg>\n");
    Ok(())
}

/// Where points lie: `x` linear or in decades, `y` linear from nothing.
struct Axes {
    x_in_decades: bool,
    x: (f64, f64),
    y_most: f64,
}

impl Axes {
    const LEFT: f64 = 72.0;
    const RIGHT: f64 = WIDTH - 190.0;
    const TOP: f64 = TITLE + 4.0;
    const BOTTOM: f64 = LINES_HEIGHT - 52.0;

    fn around(lines: &[Line], x_in_decades: bool) -> Self {
        let points = || lines.iter().flat_map(|line| &line.points);
        let place = |x: f64| if x_in_decades { x.max(1.0).log10() } else { x };
        let least = points().map(|(x, _)| place(*x)).fold(f64::INFINITY, f64::min);
        let most = points().map(|(x, _)| place(*x)).fold(f64::NEG_INFINITY, f64::max);
        let x = if least < most { (least, most) } else { (0.0, 1.0) };
        let highest = points().map(|(_, y)| *y).fold(0.0, f64::max);
        Self { x_in_decades, x, y_most: 4.0 * step_above(highest / 4.0) }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let x = if self.x_in_decades { x.max(1.0).log10() } else { x };
        let along = (x - self.x.0) / (self.x.1 - self.x.0);
        let across = (Self::RIGHT - Self::LEFT).mul_add(along, Self::LEFT);
        (across, (Self::TOP - Self::BOTTOM).mul_add(y / self.y_most, Self::BOTTOM))
    }
}

fn draw_lines(
    out: &mut String,
    title: &str,
    unit: &str,
    x_unit: &str,
    axes: &Axes,
    lines: &[Line],
) -> fmt::Result {
    begin(out, title, &format!("{unit}, by {x_unit}"), LINES_HEIGHT)?;
    for quarter in 0..=4_u8 {
        let value = axes.y_most * f64::from(quarter) / 4.0;
        let (_, y) = axes.place((axes.x.0, value));
        writeln!(
            out,
            "<line class=\"rule\" x1=\"{}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            Axes::LEFT,
            Axes::RIGHT,
            Axes::LEFT - 8.0,
            y + 4.0,
            grouped(value, decimals(axes.y_most / 4.0)),
        )?;
    }
    for (x, shown) in ticks(axes) {
        let (across, _) = axes.place((x, 0.0));
        let below = Axes::BOTTOM + 18.0;
        writeln!(
            out,
            "<text class=\"tick\" x=\"{across:.1}\" y=\"{below}\" text-anchor=\"middle\">{shown}</text>"
        )?;
    }
    for (place, line) in lines.iter().enumerate() {
        let color = place % 4;
        let points: Vec<(f64, f64)> = line.points.iter().map(|point| axes.place(*point)).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(
            out,
            "<polyline class=\"line{color}\" fill=\"none\" stroke-width=\"2\" points=\"{}\"/>",
            path.join(" ")
        )?;
        if points.len() <= 20 {
            for (x, y) in &points {
                writeln!(
                    out,
                    "<circle class=\"dot{color}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
                )?;
            }
        }
        let y = super::statistics::number(place).mul_add(20.0, Axes::TOP + 8.0);
        writeln!(
            out,
            "<rect class=\"dot{color}\" x=\"{}\" y=\"{:.1}\" width=\"10\" height=\"10\"/>\
             <text x=\"{}\" y=\"{:.1}\">{}</text>",
            Axes::RIGHT + 16.0,
            y - 9.0,
            Axes::RIGHT + 32.0,
            y,
            escaped(&line.label),
        )?;
    }
    out.push_str("</svg>\n");
    Ok(())
}

/// Where the axis of `x` is written to: each decade, or five places.
fn ticks(axes: &Axes) -> Vec<(f64, String)> {
    if axes.x_in_decades {
        let names = ["1", "10", "100", "1 k", "10 k", "100 k", "1 M", "10 M", "100 M"];
        return (0_i32..)
            .zip(names)
            .map(|(power, name)| (f64::from(power), name))
            .filter(|(power, _)| (axes.x.0 - 0.01..=axes.x.1 + 0.01).contains(power))
            .map(|(power, name)| (10_f64.powf(power), name.to_owned()))
            .collect();
    }
    (0..=4_u8)
        .map(|quarter| (axes.x.1 - axes.x.0).mul_add(f64::from(quarter) / 4.0, axes.x.0))
        .map(|x| (x, grouped(x, decimals(axes.x.1))))
        .collect()
}

/// The least round number that is not below: 1, 2, 2.5 or 5 times a power of ten.
fn step_above(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.25;
    }
    let decade = 10_f64.powf(value.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0].into_iter().find(|step| step * decade >= value);
    step.unwrap_or(10.0) * decade
}

fn decimals(value: f64) -> usize {
    match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: f64) -> Bar {
        Bar { label: label.to_owned(), value, least: value * 0.9, most: value * 1.1, ours: true }
    }

    fn width_of(picture: &str, place: usize) -> f64 {
        let rect = picture.split("<rect class=\"ours\"").nth(place + 1).unwrap();
        let width = rect.split("width=\"").nth(1).unwrap().split('"').next().unwrap();
        width.parse().unwrap()
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let bars = vec![bar("one", 100.0), bar("half", 50.0), bar("nothing", 0.0)];
        let plot = Plot::Bars { unit: "things".to_owned(), line_at: None, bars };
        let picture = svg("A title", &plot);
        let [one, half, nothing] = [0, 1, 2].map(|place| width_of(&picture, place));
        assert!((one / half - 2.0).abs() < 0.01, "{one} {half}");
        assert!(nothing <= 1.0);
        assert!(one < WIDTH);
    }

    #[test]
    fn texts_cannot_end_the_picture() {
        let bars = vec![bar("<a & \"b\">", 1.0)];
        let plot = Plot::Bars { unit: "<u>".to_owned(), line_at: Some(1.0), bars };
        let picture = svg("</svg>", &plot);
        assert_eq!(picture.matches("</svg>").count(), 1);
        assert!(picture.contains("&lt;a &amp; &quot;b&quot;&gt;"));
    }

    #[test]
    fn points_stay_inside_and_decades_are_equally_far_apart() {
        let points = vec![(1e4, 3.0), (1e5, 4.0), (1e6, 5.0), (1e7, 40.0)];
        let lines = vec![Line { label: "cold".to_owned(), points: points.clone() }];
        let axes = Axes::around(&lines, true);
        let places: Vec<(f64, f64)> = points.iter().map(|point| axes.place(*point)).collect();
        for (x, y) in &places {
            assert!(
                (Axes::LEFT..=Axes::RIGHT).contains(x) && (Axes::TOP..=Axes::BOTTOM).contains(y)
            );
        }
        assert!((places[1].0 - places[0].0 - (places[3].0 - places[2].0)).abs() < 0.01);
        assert!(places[3].1 < places[0].1, "more is higher");
        let plot = Plot::Lines {
            unit: "µs".to_owned(),
            x_unit: "rows".to_owned(),
            x_in_decades: true,
            lines,
        };
        assert!(svg("Growth", &plot).contains("10 M"));
    }

    #[test]
    fn axes_are_marked_with_round_numbers() {
        for (value, expected) in
            [(0.0, 0.25), (0.9, 1.0), (1.1, 2.0), (2.4, 2.5), (26.0, 50.0), (80.0, 100.0)]
        {
            let step = step_above(value);
            assert!((step - expected).abs() < 1e-9, "{value}: {step}");
        }
    }

    #[test]
    fn a_plot_of_nothing_is_still_a_picture() {
        let plot = Plot::Lines {
            unit: "MB".to_owned(),
            x_unit: "minutes".to_owned(),
            x_in_decades: false,
            lines: vec![Line { label: "one".to_owned(), points: vec![(1.0, 0.0)] }],
        };
        let picture = svg("Nothing", &plot);
        assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
    }

    #[test]
    fn dark_pages_have_colours_of_their_own() {
        for role in ["text{", ".page{", ".ours{", ".theirs{", ".range{", ".line0{", ".dot3{"] {
            let (light, dark) = STYLE.split_once("@media").unwrap();
            assert!(light.contains(role) && dark.contains(role), "{role}");
        }
    }
}
