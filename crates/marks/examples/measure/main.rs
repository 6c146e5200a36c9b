//! The figures of the marks: `cargo run --release -p ressac-marks --example measure -- photographs | cifar | sheets | texts | unmarked FIRST COUNT`.
//!
//! The data lies in `../shared/data`. Tables go to standard output, in Markdown.

mod attacks;
mod images;
mod jpeg;
mod synthetic;
mod texts;
mod unmarked;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|n| n.parse().ok());
    match arguments.first().map(String::as_str) {
        Some("photographs") => {
            for side in [64, 128, 256] {
                images::table("Photographs (Flickr8k)", &images::photographs(side, 1));
            }
        }
        Some("cifar") => images::table("CIFAR-10, enlarged", &images::cifar(5_000)),
        Some("sheets") => {
            images::table("Sheets of 16 clothes (Fashion-MNIST)", &images::sheets(200))
        }
        Some("texts") => texts::tables(),
        Some("unmarked") => unmarked::table(number(1).unwrap_or(0), number(2).unwrap_or(10_000)),
        _ => println!("measure photographs | cifar | sheets | texts | unmarked FIRST COUNT"),
    }
}
