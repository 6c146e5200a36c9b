//! A self-contained HTML page: headings, paragraphs, tables and drawings, in reading order.
//!
//! The page asks for nothing from outside, and says so to the browser (a content security policy
//! that forbids every address), so that nobody has to take it on trust.

use std::fmt::Write as _;

use crate::embedded::{base64, png_size};
use crate::markup::escape;
use crate::picture::{Drawing, small};
use crate::theme::{self, LETTERS};

/// A page on its way to HTML. Every text is escaped; only [`Page::svg`] takes markup.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    language: String,
    body: String,
    /// Whether there are images inside, which the policy must let through.
    has_images: bool,
}

/// Letters of a cell from which on its text runs over several lines.
const SENTENCE: usize = 40;

impl Page {
    /// A page with its title as first heading, in English.
    pub fn new(title: impl Into<String>) -> Self {
        Page {
            title: title.into(),
            language: "en".to_owned(),
            body: String::new(),
            has_images: false,
        }
    }

    /// The language of the texts, as in `en` or `fr`, for screen readers and hyphenation.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = language.into();
        self
    }

    /// A heading that opens a section.
    #[must_use]
    pub fn heading(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<h2>{}</h2>", escape(text));
        self
    }

    /// A heading within a section.
    #[must_use]
    pub fn subheading(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<h3>{}</h3>", escape(text));
        self
    }

    /// Key figures in a strip: what it is, its value, and a note below (none if empty).
    #[must_use]
    pub fn figures<L: AsRef<str>, V: AsRef<str>, N: AsRef<str>>(
        mut self,
        figures: &[(L, V, N)],
    ) -> Self {
        self.body.push_str("<dl class=\"figures\">\n");
        for (label, value, note) in figures {
            let _ = write!(
                self.body,
                "<div><dt>{}</dt><dd>{}</dd>",
                escape(label.as_ref()),
                escape(value.as_ref())
            );
            if !note.as_ref().is_empty() {
                let _ = write!(
                    self.body,
                    "<dd class=\"note\">{}</dd>",
                    escape(note.as_ref())
                );
            }
            self.body.push_str("</div>\n");
        }
        self.body.push_str("</dl>\n");
        self
    }

    /// A part that is folded away until the reader opens it by its summary: the configuration, long
    /// tables. `inside` adds to the page what the part holds. Paper shows it open.
    #[must_use]
    pub fn details(mut self, summary: &str, inside: impl FnOnce(Page) -> Page) -> Self {
        let _ = writeln!(self.body, "<details><summary>{}</summary>", escape(summary));
        let mut page = inside(self);
        page.body.push_str("</details>\n");
        page
    }

    /// A paragraph.
    #[must_use]
    pub fn paragraph(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<p>{}</p>", escape(text));
        self
    }

    /// A paragraph set off from the rest: the verdict, or a warning.
    #[must_use]
    pub fn notice(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<p class=\"notice\">{}</p>", escape(text));
        self
    }

    /// A text piece by piece, each on a ground that says how much it speaks for something (above 0) or against it: the
    /// largest effect has the fullest colour. The pieces stand as they are: spaces and line breaks are theirs. `caption` stands before
    /// it (nothing if empty).
    #[must_use]
    pub fn marked<W: AsRef<str>>(mut self, caption: &str, words: &[(W, f64)]) -> Self {
        let largest = words
            .iter()
            .map(|(_, effect)| effect.abs())
            .fold(0.0, f64::max);
        self.body.push_str("<p class=\"marked\">");
        if !caption.is_empty() {
            let _ = write!(self.body, "<b>{}</b>", escape(caption));
        }
        for (word, effect) in words {
            // The space before a word has no ground.
            let word = word.as_ref();
            let text = word.trim_start_matches(' ');
            self.body.push_str(&word[..word.len() - text.len()]);
            let share = match largest > 0.0 && effect.is_finite() {
                true => (60.0 * effect.abs() / largest).round(),
                false => 0.0,
            };
            let colour = if *effect < 0.0 {
                "--line-2"
            } else {
                "--line-3"
            };
            let _ = write!(
                self.body,
                "<mark style=\"background:color-mix(in srgb,var({colour}) {share}%,transparent)\" title=\"{effect:+.3}\">{}</mark>",
                escape(text)
            );
        }
        self.body.push_str("</p>\n");
        self
    }

    /// Text kept as it is, line for line, in letters of one width: a command, a configuration.
    #[must_use]
    pub fn verbatim(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<pre>{}</pre>", escape(text));
        self
    }

    /// A table. Columns that hold only numbers (and empty cells) are aligned at the right. Rows
    /// shorter than the header are filled with empty cells; longer ones keep their cells.
    #[must_use]
    pub fn table<H: AsRef<str>, C: AsRef<str>>(mut self, header: &[H], rows: &[Vec<C>]) -> Self {
        let width = rows
            .iter()
            .map(Vec::len)
            .max()
            .unwrap_or(0)
            .max(header.len());
        let cell = |row: &[C], column: usize| row.get(column).map_or("", C::as_ref).to_owned();
        let numbers: Vec<bool> = (0..width)
            .map(|column| {
                rows.iter().any(|row| is_number(&cell(row, column)))
                    && rows.iter().all(|row| {
                        let text = cell(row, column);
                        text.trim().is_empty() || is_number(&text)
                    })
            })
            .collect();
        let class = |column: usize| {
            if numbers[column] {
                " class=\"number\""
            } else {
                ""
            }
        };
        // A table wider than a phone scrolls by itself, not the whole page with it.
        self.body
            .push_str("<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
        for column in 0..width {
            let text = header.get(column).map_or("", H::as_ref);
            let _ = write!(
                self.body,
                "<th scope=\"col\"{}>{}</th>",
                class(column),
                escape(text)
            );
        }
        self.body.push_str("</tr></thead><tbody>\n");
        for row in rows {
            self.body.push_str("<tr>");
            for column in 0..width {
                let text = cell(row, column);
                let class = match text.chars().count() > SENTENCE {
                    true => " class=\"text\"",
                    false => class(column),
                };
                let _ = write!(self.body, "<td{class}>{}</td>", escape(&text));
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table></div>\n");
        self
    }

    /// Images side by side, a row for each item: what was read, what came out, where they differ. A row is its caption
    /// and the bytes of a PNG file for each column; other bytes, or none, leave the cell empty.
    /// Each pixel becomes a square of `scale` (0 counts as 1). The images lie within the page.
    #[must_use]
    pub fn pictures<H: AsRef<str>, C: AsRef<str>>(
        mut self,
        columns: &[H],
        rows: &[(C, Vec<Vec<u8>>)],
        scale: usize,
    ) -> Self {
        let widest = rows.iter().map(|(_, images)| images.len()).max();
        let width = widest.unwrap_or(0).max(columns.len());
        let column = |k: usize| columns.get(k).map_or("", H::as_ref);
        self.body.push_str(
            "<div class=\"wide\" tabindex=\"0\"><table class=\"pictures\"><thead><tr><td></td>",
        );
        for k in 0..width {
            let _ = write!(self.body, "<th scope=\"col\">{}</th>", escape(column(k)));
        }
        self.body.push_str("</tr></thead><tbody>\n");
        for (caption, images) in rows {
            let caption = caption.as_ref();
            let _ = write!(self.body, "<tr><th scope=\"row\">{}</th>", escape(caption));
            for k in 0..width {
                let bytes = images.get(k).map_or(&[][..], Vec::as_slice);
                self.body.push_str("<td>");
                self.picture(bytes, &format!("{}, {caption}", column(k)), scale);
                self.body.push_str("</td>");
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table></div>\n");
        self
    }

    fn picture(&mut self, bytes: &[u8], alt: &str, scale: usize) {
        let Some((width, height)) = png_size(bytes) else {
            return;
        };
        let scale = scale.max(1) as u64;
        let enlarged = |side: u32| u64::from(side).saturating_mul(scale);
        let _ = write!(
            self.body,
            "<img width=\"{}\" height=\"{}\" alt=\"{}\" src=\"data:image/png;base64,{}\"/>",
            enlarged(width),
            enlarged(height),
            escape(alt),
            base64(bytes)
        );
        self.has_images = true;
    }

    /// A plot, bars or a heat map, with a caption below it (none if empty).
    #[must_use]
    pub fn plot<D: Drawing>(self, drawing: &D, caption: &str) -> Self {
        let svg = drawing.picture().inline();
        self.figure(&svg, caption)
    }

    /// Small drawings side by side, in one column on a phone. The markup is taken as it is, as in
    /// [`Page::svg`]: give what [`crate::Plot::render`] and its likes return.
    #[must_use]
    pub fn grid<S: AsRef<str>>(mut self, drawings: &[S]) -> Self {
        self.body.push_str("<div class=\"grid\">\n");
        for svg in drawings {
            self = self.svg(svg.as_ref(), "");
        }
        self.body.push_str("</div>\n");
        self
    }

    /// A drawing made elsewhere in this project, with a caption below it (none if empty). The markup
    /// is taken as it is, so it must not hold a user's text that was not escaped.
    #[must_use]
    pub fn svg(self, svg: &str, caption: &str) -> Self {
        // Within HTML the namespace is known; without its address the page names no address at all.
        let inline = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
        self.figure(&inline, caption)
    }

    fn figure(mut self, svg: &str, caption: &str) -> Self {
        self.body.push_str("<figure>");
        self.body.push_str(svg);
        if !caption.is_empty() {
            let _ = write!(self.body, "<figcaption>{}</figcaption>", escape(caption));
        }
        self.body.push_str("</figure>\n");
        self
    }

    /// The page as an HTML file.
    pub fn render(&self) -> String {
        let (title, language) = (escape(&self.title), escape(&self.language));
        let images = match self.has_images {
            true => " img-src data:;",
            false => "",
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';{images} base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{}</main>\n</body>\n</html>\n",
            style(),
            self.body
        )
    }
}

/// Whether a cell is a number as reports write them: signs, digits, a unit of percent.
fn is_number(cell: &str) -> bool {
    let cell = cell
        .trim()
        .trim_end_matches('%')
        .trim_end()
        .replace('\u{2212}', "-");
    cell.replace(['\u{a0}', '\u{202f}', ' '], "")
        .parse::<f64>()
        .is_ok()
}

fn style() -> String {
    let mut css = theme::properties(":root");
    let _ = write!(
        css,
        "html{{color-scheme:light dark;-webkit-text-size-adjust:100%}}\
         body{{margin:0;background:var(--ground);color:var(--ink);font:17px/1.55 {LETTERS}}}\
         main{{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem}}\
         h1{{font-size:1.7rem;line-height:1.2;margin:0 0 1rem}}\
         h2{{font-size:1.25rem;line-height:1.3;margin:2.5rem 0 .75rem}}\
         p{{margin:.75rem 0;overflow-wrap:break-word}}\
         mark{{color:inherit;background:none;border-radius:.2em;padding:.05em .15em;print-color-adjust:exact}}\
         .marked{{white-space:pre-wrap}}\
         .marked b{{color:var(--soft);font-weight:600;margin-right:.4em}}\
         .notice{{border-left:4px solid var(--line-1);background:var(--shade);padding:.75rem 1rem}}\
         pre{{background:var(--shade);padding:.75rem 1rem;overflow-x:auto;white-space:pre-wrap;font-size:.85rem;line-height:1.5}}\
         .wide{{overflow-x:auto;margin:1rem 0}}\
         table{{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}}\
         th,td{{text-align:left;padding:.35rem 1.1rem .35rem 0;border-bottom:1px solid var(--rule);white-space:nowrap}}\
         td.text{{white-space:normal;min-width:11rem}}\
         th{{color:var(--soft);font-weight:600}}\
         .number{{text-align:right}}\
         .pictures th,.pictures td{{vertical-align:middle}}\
         .pictures tbody th{{white-space:normal;min-width:7rem;max-width:14rem;color:var(--ink);font-weight:400}}\
         .pictures img{{display:block;image-rendering:pixelated;outline:1px solid var(--rule)}}\
         figure{{margin:1.5rem 0}}\
         figure svg{{display:block;width:100%;height:auto}}\
         figcaption{{color:var(--soft);font-size:.9rem;margin-top:.5rem}}\
         h3{{font-size:1.05rem;line-height:1.35;margin:1.75rem 0 .5rem}}\
         .grid{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.25rem 1.5rem;margin:1.5rem 0}}\
         .grid figure{{margin:0;min-width:0}}\
         .figures{{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0}}\
         .figures div{{background:var(--shade);border-top:3px solid var(--line-1);padding:.6rem .9rem .7rem;min-width:0}}\
         .figures dt{{color:var(--soft);font-size:.85rem;line-height:1.35}}\
         .figures dd{{margin:0;font-size:1.5rem;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}}\
         .figures .note{{color:var(--soft);font-size:.82rem;line-height:1.35;font-weight:400}}\
         details{{border:1px solid var(--rule);margin:1.25rem 0;padding:0 1rem}}\
         summary{{cursor:pointer;font-weight:600;padding:.6rem 0}}\
         details[open]{{padding-bottom:.5rem}}\
         @media print{{html{{color-scheme:light}}body{{font-size:10.5pt}}main{{max-width:none;padding:0}}\
         .wide,pre{{overflow:visible}}th,td{{white-space:normal}}\
         h2,h3,summary{{break-after:avoid}}figure,tr,.figures div{{break-inside:avoid}}\
         details::details-content{{content-visibility:visible;display:block;height:auto}}\
         .notice,pre,.figures div,svg{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}}}"
    );
    // Beside each other drawings are as small as on a phone.
    css.push_str(&small(".grid "));
    css
}
