//! A baseline JPEG writer, so that what is said of JPEG is measured on real files: ITU-T T.81 with the tables of its Annex K,
//! scaled by quality as the Independent JPEG Group does, chroma at half the resolution.

use std::sync::LazyLock;

/// Zigzag order: the place in a block, row after row, of each coefficient written.
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

const LUMA: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

const CHROMA: [u16; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// How many codes of each length, and the symbols in order: DC of luma and chroma.
const DC: [[u8; 16]; 2] = [
    [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
    [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
];

/// A flat code for the 162 symbols of AC coefficients, (run, size): eight bits each but the last few, nine. Any code is
/// allowed; files are larger than with Annex K's, their pixels the same.
fn ac_symbols() -> Vec<u8> {
    let mut symbols = vec![0x00, 0xf0];
    symbols.extend((0..16).flat_map(|run| (1..=10).map(move |size| run << 4 | size)));
    symbols
}

/// The pixels (red, green, blue; shape \[height, width, 3\]) as a JPEG file of a quality from 1 to 100.
pub(crate) fn encode(rgb: &[u8], (width, height): (usize, usize), quality: u16) -> Vec<u8> {
    let scale = if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    };
    let table = |base: &[u16; 64]| base.map(|q| ((q * scale + 50) / 100).clamp(1, 255) as u8);
    let tables = [table(&LUMA), table(&CHROMA)];
    let mut out = vec![0xff, 0xd8];
    for (id, table) in tables.iter().enumerate() {
        segment(
            &mut out,
            0xdb,
            std::iter::once(id as u8).chain(ZIGZAG.iter().map(|at| table[*at])),
        );
    }
    let size = [
        (height >> 8) as u8,
        height as u8,
        (width >> 8) as u8,
        width as u8,
    ];
    let components = [1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
    segment(
        &mut out,
        0xc0,
        [8].into_iter().chain(size).chain([3]).chain(components),
    );
    for (id, counts) in DC.iter().enumerate() {
        segment(
            &mut out,
            0xc4,
            std::iter::once(id as u8).chain(*counts).chain(0..12),
        );
    }
    let symbols = ac_symbols();
    let mut counts = [0_u8; 16];
    counts[7] = 162;
    segment(
        &mut out,
        0xc4,
        [0x10]
            .into_iter()
            .chain(counts)
            .chain(symbols.iter().copied()),
    );
    segment(&mut out, 0xda, [3, 1, 0x00, 2, 0x10, 3, 0x10, 0, 63, 0]);

    let planes = planes(rgb, (width, height));
    let mut bits = Bits {
        out,
        held: 0,
        count: 0,
    };
    let mut last = [0_i32; 3];
    for my in 0..height.div_ceil(16) {
        for mx in 0..width.div_ceil(16) {
            for (plane, dx, dy) in [
                (0, 0, 0),
                (0, 1, 0),
                (0, 0, 1),
                (0, 1, 1),
                (1, 0, 0),
                (2, 0, 0),
            ] {
                let step = if plane == 0 { 2 } else { 1 };
                let at = ((step * mx + dx) * 8, (step * my + dy) * 8);
                let levels = quantised(&planes[plane], at, &tables[plane.min(1)]);
                bits.block(&levels, &mut last[plane], plane.min(1), &symbols);
            }
        }
    }
    bits.put(0x7f, 7);
    bits.out.extend([0xff, 0xd9]);
    bits.out
}

fn segment(out: &mut Vec<u8>, marker: u8, body: impl IntoIterator<Item = u8>) {
    let body: Vec<u8> = body.into_iter().collect();
    let length = body.len() + 2;
    out.extend([0xff, marker, (length >> 8) as u8, length as u8]);
    out.extend(body);
}

/// One channel, its edge repeated beyond the image.
struct Plane {
    width: usize,
    height: usize,
    values: Vec<f64>,
}

impl Plane {
    fn at(&self, x: usize, y: usize) -> f64 {
        self.values[y.min(self.height - 1) * self.width + x.min(self.width - 1)]
    }
}

/// Luma, and blue and red chroma at half the size, around 0.
fn planes(rgb: &[u8], (width, height): (usize, usize)) -> [Plane; 3] {
    let channel = |weights: [f64; 3], offset: f64| {
        let mix = |p: &[u8]| {
            p.iter()
                .zip(weights)
                .map(|(v, w)| f64::from(*v) * w)
                .sum::<f64>()
                - offset
        };
        let values = rgb.chunks_exact(3).map(|p| mix(p).round()).collect();
        Plane {
            width,
            height,
            values,
        }
    };
    let halved = |plane: Plane| {
        let (width, height) = (width.div_ceil(2), height.div_ceil(2));
        let mean = |k: usize| {
            let (x, y) = (2 * (k % width), 2 * (k / width));
            let four =
                plane.at(x, y) + plane.at(x + 1, y) + plane.at(x, y + 1) + plane.at(x + 1, y + 1);
            (four / 4.0).round()
        };
        Plane {
            width,
            height,
            values: (0..width * height).map(mean).collect(),
        }
    };
    [
        channel([0.299, 0.587, 0.114], 128.0),
        halved(channel([-0.168_736, -0.331_264, 0.5], 0.0)),
        halved(channel([0.5, -0.418_688, -0.081_312], 0.0)),
    ]
}

/// Of the orthonormal DCT-II: frequency, pixel.
static BASIS: LazyLock<[[f64; 8]; 8]> = LazyLock::new(|| {
    let value = |k: usize, n: usize| {
        let scale = if k == 0 { 0.125_f64.sqrt() } else { 0.5 };
        scale * ((2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos()
    };
    std::array::from_fn(|k| std::array::from_fn(|n| value(k, n)))
});

/// Quantised coefficients of a block, in zigzag order.
fn quantised(plane: &Plane, (x, y): (usize, usize), table: &[u8; 64]) -> [i32; 64] {
    let basis = |k: usize, n: usize| BASIS[k][n];
    let mut rows = [[0.0; 8]; 8];
    for (n, row) in rows.iter_mut().enumerate() {
        for (k, out) in row.iter_mut().enumerate() {
            *out = (0..8).map(|m| basis(k, m) * plane.at(x + m, y + n)).sum();
        }
    }
    ZIGZAG.map(|at| {
        let (down, across) = (at / 8, at % 8);
        let value: f64 = (0..8).map(|n| basis(down, n) * rows[n][across]).sum();
        (value / f64::from(table[at])).round() as i32
    })
}

struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, length: u32) {
        for bit in (0..length).rev() {
            self.held = self.held << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.held as u8);
                if self.held as u8 == 0xff {
                    self.out.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    fn block(&mut self, levels: &[i32; 64], last: &mut i32, table: usize, symbols: &[u8]) {
        let difference = levels[0] - *last;
        *last = levels[0];
        let size = size_of(difference);
        let (code, length) = code(&DC[table], size as usize);
        self.put(code, length);
        self.magnitude(difference, size);
        let end = levels.iter().rposition(|level| *level != 0).unwrap_or(0);
        let mut run = 0;
        for level in &levels[1..=end.max(1)][..end] {
            if *level == 0 {
                run += 1;
                continue;
            }
            while run >= 16 {
                self.symbol(0xf0, symbols);
                run -= 16;
            }
            let size = size_of(*level);
            self.symbol((run << 4) as u8 | size as u8, symbols);
            self.magnitude(*level, size);
            run = 0;
        }
        if end < 63 {
            self.symbol(0x00, symbols);
        }
    }

    fn symbol(&mut self, symbol: u8, symbols: &[u8]) {
        let at = symbols
            .iter()
            .position(|s| *s == symbol)
            .expect("sizes up to 10");
        self.put(at as u32, 8);
    }

    fn magnitude(&mut self, value: i32, size: u32) {
        let bits = if value < 0 {
            value + (1 << size) - 1
        } else {
            value
        };
        self.put(bits as u32, size);
    }
}

fn size_of(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// The canonical code of the symbol at a place in order.
fn code(counts: &[u8; 16], symbol: usize) -> (u32, u32) {
    let (mut code, mut first) = (0_u32, 0_usize);
    for (length, count) in counts.iter().enumerate() {
        let count = usize::from(*count);
        if symbol < first + count {
            return (code + (symbol - first) as u32, length as u32 + 1);
        }
        code = (code + count as u32) << 1;
        first += count;
    }
    (0, 0)
}
