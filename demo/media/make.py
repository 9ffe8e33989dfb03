#!/usr/bin/env python3
"""Makes the demo's sample media, all of them drawn or composed by this script.

    pip install numpy Pillow        ffmpeg with libvpx-vp9, libopus, libx264, libmp3lame
    python3 make.py [DIRECTORY]     default: the directory of this script

No file is read and no clock or unseeded randomness is used: the same versions of the tools give
the same bytes.
"""

import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
FILM_SECONDS, FPS = 24, 24
BITEXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]

# Palettes: sky from top to horizon, sun, far ridge, near ridge, water tint.
DUSK = ["#2b2f6b", "#7d4b8b", "#f08a6c", "#ffd59a", "#fff1c9", "#a8708f", "#1d1b3a", "#33305f"]
DAWN = ["#3f6fa8", "#8fb7d8", "#f9c9a5", "#ffe9c4", "#fffbe6", "#8aa6c4", "#16324a", "#2c5f7c"]
NOON = ["#2f7fc4", "#6fb2e2", "#bfe0f2", "#e9f6fb", "#ffffff", "#8fb9cf", "#1f5a4a", "#2b7a9a"]
NIGHT = ["#070b24", "#101a45", "#1e3a6b", "#3d6a94", "#f4f1d8", "#2c4673", "#060a1c", "#0e1f45"]


def rgb(name):
    return np.array([int(name[i:i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)


def palette(colours):
    return np.stack([rgb(colour) for colour in colours])


def blend(a, b, share):
    return a + (b - a) * share


def smooth_noise(rng, length, octaves, roughness):
    """A ridge line in 0…1 by adding ever finer waves."""
    x = np.linspace(0, 1, length)
    line = np.zeros(length)
    for octave in range(octaves):
        knots = 3 * 2**octave + 2
        line += roughness**octave * np.interp(x, np.linspace(0, 1, knots), rng.random(knots))
    line -= line.min()
    return line / line.max()


class Landscape:
    """A lake between mountains, drawn for any hour."""

    def __init__(self, width, height, seed, ridges=5):
        self.width, self.height = width, height
        rng = np.random.default_rng(seed)
        self.shore = int(height * 0.66)
        self.ridges = []
        for layer in range(ridges):
            near = layer / (ridges - 1)
            line = smooth_noise(rng, width * 2, 8, blend(0.46, 0.56, near))
            base = blend(0.44, 0.635, near) * height
            self.ridges.append((near, line, base, blend(0.21, 0.07, near) * height))
        self.stars = rng.random((260, 3))
        self.ripples = rng.normal(size=(height, 1))
        self.grain = rng.normal(size=(height, width, 1))

    def draw(self, colours, sun, drift=0.0, time=0.0, stars=0.0, grain=0.0):
        """`sun` is its place in parts of width and height, `drift` how far the camera went."""
        width, height, shore = self.width, self.height, self.shore
        y, x = np.mgrid[0:height, 0:width].astype(np.float64)
        image = np.empty((height, width, 3))
        for channel in range(3):
            image[..., channel] = np.interp(y / shore, [0, 0.35, 0.75, 1.0], colours[:4, channel])
        if stars > 0:
            for sx, sy, size in self.stars:
                px, py = int(sx * width), int(sy**1.4 * shore * 0.8)
                twinkle = 0.7 + 0.3 * np.sin(time * 3 + size * 40)
                image[py, px] = blend(image[py, px], 255, stars * twinkle * (0.35 + 0.65 * size))
        sx, sy = sun[0] * width, sun[1] * height
        distance = np.hypot(x - sx, y - sy) / height
        glow = 0.62 * np.exp(-(distance / 0.22) ** 1.3) + np.clip((0.052 - distance) * height / 2, 0, 1)
        image = blend(image, colours[4], np.clip(glow, 0, 1)[..., None])
        for near, line, base, rise in self.ridges:
            start = int((drift * blend(0.1, 0.7, near)) * width) % width
            top = base - rise * line[start:start + width] ** 1.3
            cover = np.clip(y - top[None, :], 0, 1)[..., None]
            tone = blend(colours[5], colours[6], near**0.8)
            haze = np.clip((y - top[None, :]) / (0.20 * height), 0, 1)[..., None]
            tone = blend(tone, colours[3] * 0.55 + colours[5] * 0.45, haze * 0.42 * (1 - near))
            lit = np.exp(-np.abs(x - sx) / (0.25 * width))[..., None] * np.exp(-(y - top) / 5)[..., None]
            image = blend(image, blend(tone, colours[3], 0.35 * np.clip(lit, 0, 1) * (1 - near * 0.6)), cover)
        rows = np.arange(shore, height)
        depth = (rows - shore) / (height - shore)
        mirror = np.clip(shore - 1 - (rows - shore) * 1.25, 0, shore - 1).astype(int)
        wobble = np.sin(rows * blend(0.9, 0.16, depth) + time * 2.2) * (0.4 + depth * 5) * width / 640
        wobble += self.ripples[rows, 0] * (0.3 + depth * 1.4)
        columns = np.clip(x[:len(rows)] + wobble[:, None], 0, width - 1).astype(int)
        water = image[mirror[:, None], columns]
        water = blend(water, colours[7], (0.18 + 0.42 * depth)[:, None, None])
        sparkle = np.exp(-((x[:len(rows)] - sx) / (width * (0.02 + 0.09 * depth[:, None]))) ** 2)
        sparkle *= np.clip(np.sin(rows[:, None] * 1.7 + x[:len(rows)] * 0.11 + time * 5), 0, 1) ** 3
        image[shore:] = blend(water, colours[4], 0.55 * sparkle[..., None])
        vignette = 1 - 0.22 * ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
        image = image * vignette[..., None] + self.grain * grain
        return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))


def trees(image, seed, colour, count, tall):
    """Firs along both lower corners, as a frame for the view."""
    rng = np.random.default_rng(seed)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(count):
        side = rng.random() ** 2.2 * 0.30
        x = (side if rng.random() < 0.5 else 1 - side) * width
        size = tall * height * (1.1 - side * 2.4) * (0.7 + 0.5 * rng.random())
        foot = height * (1.01 + 0.02 * rng.random())
        for step in range(13):
            top = foot - size * (1 - step / 14)
            half = size * 0.018 * (step + 1) * (1 + 0.25 * rng.random())
            draw.polygon([(x, top - size * 0.09), (x - half, top + size * 0.05), (x + half, top + size * 0.05)],
                         fill=colour)
    return image


def photo():
    """Stored lying on its side, as phones do, and turned upright by its EXIF orientation."""
    view = Landscape(1200, 800, seed=11, ridges=6)
    image = view.draw(palette(DUSK), (0.52, 0.31), drift=0.12, time=1.0, stars=0.25, grain=1.1)
    image = trees(image.resize((2400, 1600), Image.LANCZOS), 5, "#0d0c1f", 34, 0.52).resize((1200, 800), Image.LANCZOS)
    exif = Image.Exif()
    exif[0x010E] = "The lake on our last evening"
    exif[0x010F] = "Nimbus Optical"
    exif[0x0110] = "Nimbus F35"
    exif[0x0112] = 6
    exif[0x0132] = "2026:08:14 20:41:07"
    exif[0x013B] = "Alice"
    exif.get_ifd(0x8825).update({
        0: b"\x02\x03\x00\x00", 1: "N", 2: (47.0, 33.0, 27.4), 3: "E", 4: (10.0, 44.0, 13.9),
        5: b"\x00", 6: 801.0,
    })
    image.transpose(Image.ROTATE_90).save(OUT / "lake-at-dusk.jpg", quality=84, exif=exif)


def illustration():
    """A night sky with an aurora, in 256 colours."""
    width, height = 960, 640
    view = Landscape(width, height, seed=29, ridges=5)
    image = np.asarray(view.draw(palette(NIGHT), (0.22, 0.2), drift=0.4, time=2.0, stars=1.0)).astype(np.float64)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    aurora = np.zeros((height, width, 3))
    for shift, colour in [(0.0, "#3dffb0"), (1.4, "#38c8ff"), (2.9, "#b06bff")]:
        line = height * (0.30 + 0.07 * np.sin(x / width * 7 + shift) + 0.03 * np.sin(x / width * 19 + shift * 2))
        rays = 0.65 + 0.35 * np.sin(x / 9 + 4 * np.sin(x / 53 + shift))
        curtain = np.where(y < line, np.exp((y - line) / (height * 0.13)), np.exp((line - y) / 9)) * rays
        aurora += curtain[..., None] * rgb(colour) * 0.42
    sky = (y < height * 0.6)[..., None]
    image = 255 - (255 - image) * (255 - aurora * np.where(sky, 1, 0)) / 255
    image = trees(Image.fromarray(image.clip(0, 255).astype(np.uint8)).resize((1920, 1280), Image.LANCZOS), 8, "#04060f", 40, 0.6)
    image = image.resize((720, 480), Image.LANCZOS)
    image.quantize(256, method=Image.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(OUT / "aurora.png", optimize=True)


def campfire():
    """A fire that flickers for ever."""
    frames, size, scale = [], 280, 3
    view = Landscape(size, size, seed=3, ridges=3).draw(palette(NIGHT), (0.78, 0.16), stars=1.0)
    rng = np.random.default_rng(4)
    sparks = rng.random((22, 3))
    for number in range(18):
        phase = 2 * np.pi * number / 18
        image = view.resize((size * scale, size * scale), Image.LANCZOS)
        image = trees(image, 12, "#050814", 18, 0.62)
        draw = ImageDraw.Draw(image, "RGBA")
        s = size * scale
        draw.ellipse([-s * 0.3, s * 0.80, s * 1.3, s * 1.5], fill=(12, 15, 24, 255))
        halo = Image.new("RGB", image.size)
        reach = s * (0.30 + 0.012 * np.sin(phase * 2))
        ImageDraw.Draw(halo).ellipse([s / 2 - reach, s * 0.74 - reach, s / 2 + reach, s * 0.74 + reach], fill=(150, 62, 12))
        halo = halo.filter(ImageFilter.GaussianBlur(s * 0.09))
        lit = 255 - (255 - np.asarray(image).astype(np.float64)) * (255 - np.asarray(halo)) / 255
        image = Image.fromarray(lit.astype(np.uint8))
        draw = ImageDraw.Draw(image, "RGBA")
        for turn in (-1, 1):
            draw.line([s * (0.5 - 0.17 * turn), s * 0.875, s * (0.5 + 0.15 * turn), s * 0.815], fill=(84, 48, 30, 255), width=int(s * 0.042))
        for share, colour in [(1.0, (226, 74, 24, 255)), (0.72, (252, 143, 36, 255)), (0.44, (255, 216, 92, 255)), (0.2, (255, 250, 214, 255))]:
            for offset, tall, harmonic in [(-0.065, 0.20, 1), (0.07, 0.22, 2), (0.0, 0.34, 1)]:
                lean = 0.03 * np.sin(phase * harmonic + offset * 40)
                height = tall * share * (1 + 0.13 * np.sin(phase * (harmonic + 1) + offset * 60))
                across = 0.075 * (share**0.6)
                steps = np.linspace(0, 1, 24)
                bulge = np.sin(np.pi * steps**0.62) * (1 - steps * 0.35)
                centre = 0.5 + offset * share + lean * steps**1.5 * (1 + share)
                left = [(s * (c - across * b), s * (0.85 - height * t)) for c, b, t in zip(centre, bulge, steps)]
                right = [(s * (c + across * b), s * (0.85 - height * t)) for c, b, t in zip(centre, bulge, steps)]
                draw.polygon(left + right[::-1], fill=colour)
        for sx, sy, start in sparks:
            way = (start + number / 18) % 1
            px = s * (0.5 + (sx - 0.5) * 0.30 + 0.02 * np.sin(way * 9 + sy * 20))
            py, r = s * (0.68 - way * 0.5), s * 0.0055 * (1 - way)
            draw.ellipse([px - r, py - r, px + r, py + r], fill=(255, 190, 90, int(255 * (1 - way))))
        frames.append(image.resize((size, size), Image.LANCZOS).quantize(96, dither=Image.Dither.NONE))
    frames[0].save(OUT / "campfire.gif", save_all=True, append_images=frames[1:], duration=80, loop=0, optimize=True)


def melody(seconds, seed, root=220.0):
    """Plucked notes of a pentatonic scale over slow chords, as stereo samples at 48 kHz."""
    rate = 48_000
    rng = np.random.default_rng(seed)
    sound = np.zeros((int(seconds * rate), 2))
    scale = [0, 2, 4, 7, 9, 12, 14, 16]

    def add(start, frequency, length, loudness, pan, harmonics, attack):
        t = np.arange(int(length * rate)) / rate
        tone = sum(np.sin(2 * np.pi * frequency * n * t) * level * np.exp(-t * 1.1 * n) for n, level in harmonics)
        tone *= np.minimum(t / attack, 1) * np.minimum((length - t) / 0.15, 1) * loudness
        first = int(start * rate)
        room = max(0, min(len(tone), len(sound) - first))
        sound[first:first + room] += tone[:room, None] * [1 - pan, pan]

    beat, degree = 0.4, 2
    for number in range(int(seconds / beat) - 3):
        if number % 8 == 0:
            for step in [(0, 7, 16), (-3, 4, 12), (-7, 5, 9), (-5, 2, 11)][number // 8 % 4]:
                add(number * beat, root / 2 * 2 ** (step / 12), 3.4, 0.10, 0.5, [(1, 1), (2, 0.25)], 0.35)
        if rng.random() < 0.86:
            degree = int(np.clip(degree + rng.integers(-2, 3), 0, len(scale) - 1))
            pitch = root * 2 * 2 ** (scale[degree] / 12)
            add(number * beat, pitch, 1.8, 0.20, 0.3 + 0.4 * rng.random(), [(1, 1), (2, 0.45), (3, 0.2), (4.01, 0.08)], 0.006)
    echo = np.zeros_like(sound)
    for delay, level in [(0.21, 0.30), (0.37, 0.2), (0.61, 0.12)]:
        shift = int(delay * rate)
        echo[shift:] += sound[:-shift, ::-1] * level
    sound += echo
    fade = int(0.8 * rate)
    sound[-fade:] *= np.linspace(1, 0, fade)[:, None]
    return sound / np.abs(sound).max() * 0.7


def write_wave(path, sound):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def ffmpeg(*arguments, stdin=None):
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, input=stdin)


def film(name, seed, hours, sun_from, sun_to, melody_seed, options, temporary):
    """A day at the lake; a timecode and a bar show where one is."""
    width, height = 640, 360
    view = Landscape(width, height, seed)
    big, small = ImageFont.load_default(22), ImageFont.load_default(13)
    stops = np.stack([palette(hour) for hour in hours])
    total = FILM_SECONDS * FPS
    raw = bytearray()
    for number in range(total):
        share = number / (total - 1)
        place = share * (len(hours) - 1)
        first = min(int(place), len(hours) - 2)
        colours = blend(stops[first], stops[first + 1], place - first)
        sun = (blend(sun_from[0], sun_to[0], share), blend(sun_from[1], sun_to[1], share) - 0.28 * np.sin(np.pi * share))
        darkness = np.clip((120 - colours[1].mean()) / 70, 0, 1)
        image = view.draw(colours, sun, drift=0.35 * share, time=number / FPS, stars=darkness)
        draw = ImageDraw.Draw(image, "RGBA")
        seconds = number // FPS
        draw.rounded_rectangle([16, height - 50, 150, height - 22], 8, fill=(0, 0, 0, 110))
        draw.text((26, height - 48), f"00:{seconds:02}", font=big, fill="white")
        draw.text((92, height - 42), f"of 00:{FILM_SECONDS}", font=small, fill=(255, 255, 255, 200))
        draw.rectangle([0, height - 8, width, height], fill=(0, 0, 0, 120))
        draw.rectangle([0, height - 8, int(width * (number + 1) / total), height], fill="#ffd27a")
        raw += image.tobytes()
    track = temporary / f"{name}.wav"
    write_wave(track, melody(FILM_SECONDS, melody_seed))
    ffmpeg("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", FPS, "-i", "-", "-i", track,
           "-pix_fmt", "yuv420p", *BITEXACT, *options, OUT / name, stdin=bytes(raw))


def films(temporary):
    film("sunrise.webm", 7, [NIGHT, DAWN, NOON], (0.25, 0.66), (0.68, 0.42), 21,
         ["-c:v", "libvpx-vp9", "-b:v", "150k", "-maxrate", "260k", "-g", FPS * 2, "-deadline", "good", "-cpu-used", 3,
          "-row-mt", 1, "-c:a", "libopus", "-b:a", "40k", "-cues_to_front", 1,
          "-metadata", "title=Sunrise from the tent", "-metadata", "LOCATION=+47.5576+010.7372/"], temporary)
    film("ferry-ride.mp4", 19, [NOON, DAWN, DUSK, NIGHT], (0.30, 0.40), (0.74, 0.70), 33,
         ["-c:v", "libx264", "-profile:v", "main", "-crf", 29, "-preset", "slower", "-maxrate", "260k", "-bufsize", "520k",
          "-g", FPS * 2, "-c:a", "aac", "-b:a", "56k", "-movflags", "+faststart",
          "-metadata", "title=From the ferry", "-metadata", "location=+47.5576+010.7372/"], temporary)


def song(temporary):
    track = temporary / "song.wav"
    write_wave(track, melody(10, 8, root=196.0))
    ffmpeg("-i", track, *BITEXACT, "-c:a", "libmp3lame", "-b:a", "80k", OUT / "evening-song.mp3")


def pdf():
    """One page, written by hand: shapes and the built-in fonts, no picture in it."""
    def ridge(seed, base, rise, colour):
        line = base + rise * smooth_noise(np.random.default_rng(seed), 120, 6, 0.5)
        points = " ".join(f"{i * 5:.0f} {v:.1f} l" for i, v in enumerate(line))
        red, green, blue = rgb(colour) / 255
        return f"{red:.3f} {green:.3f} {blue:.3f} rg 0 560 m {points} 595 560 l f"

    sky = []
    for step in range(94):
        red, green, blue = blend(rgb("#ffd59a"), rgb("#4a4488"), step / 93) / 255
        sky.append(f"{red:.3f} {green:.3f} {blue:.3f} rg 0 {560 + step * 3} 595 3.5 re f")
    sun = "1 0.95 0.79 rg 430 690 m 430 706.6 416.6 720 400 720 c 383.4 720 370 706.6 370 690 c " \
          "370 673.4 383.4 660 400 660 c 416.6 660 430 673.4 430 690 c f"
    shapes = [*sky, sun, ridge(1, 610, 80, "#a8708f"), ridge(2, 585, 66, "#6a4f80"), ridge(6, 566, 40, "#2a2750"),
              "1 1 1 rg 0 0 595 560 re f"]
    text = [(30, "F2", 56, 770, "1 1 1", "Trip to the lake"), (14, "F1", 58, 744, "1 1 1", "14 to 17 August, four people, two tents")]
    plan = [("Friday", "Train at 08:12, platform 4. Walk to the camp site, tents up before dusk."),
            ("Saturday", "Ridge path and hut. Bob carries the stove, Carol has the map."),
            ("Sunday", "Ferry at 10:30 to the far shore. Swim, then fish from the grill."),
            ("Monday", "Sunrise from the tent. Pack, leave nothing, train at 13:45.")]
    for number, (day, what) in enumerate(plan):
        height = 496 - number * 72
        text += [(15, "F2", 56, height, "0.20 0.19 0.37", day), (11.5, "F1", 56, height - 20, "0.25 0.25 0.30", what)]
        shapes.append(f"0.94 0.54 0.42 rg 40 {height - 24} 4 38 re f")
    text += [(13, "F2", 56, 196, "0.20 0.19 0.37", "Each brings"),
             (11.5, "F1", 56, 176, "0.25 0.25 0.30", "sleeping bag, mug, head torch, rain jacket, one song"),
             (9, "F1", 56, 48, "0.55 0.55 0.60", "Sample file of the Cloakroom demo. The trip is made up.")]
    stream = "\n".join(shapes + [f"BT /{font} {size} Tf {colour} rg {x} {y} Td ({words}) Tj ET" for size, font, x, y, colour, words in text])
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
               "/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
               f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>"]
    file, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    file += "".join(f"{offset:010} 00000 n \n" for offset in offsets).encode()
    file += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    (OUT / "trip-plan.pdf").write_bytes(file)


def svg():
    """A picture that tries to run a script, in three ways."""
    (OUT / "badge.svg").write_text("""\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Each script here only leaves a mark, so that a test can see that none ran. -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" onload="window.cloakroomSvgOnload = true">
  <script>
    window.cloakroomSvgScript = true;
    document.title = "the SVG script ran";
    try { window.top.cloakroomSvgScript = true; } catch (refused) { /* another origin */ }
  </script>
  <defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="#4a4488"/><stop offset=".6" stop-color="#f08a6c"/><stop offset="1" stop-color="#ffd59a"/>
    </linearGradient>
    <clipPath id="round"><circle cx="120" cy="120" r="104"/></clipPath>
  </defs>
  <circle cx="120" cy="120" r="116" fill="#fff1c9"/>
  <g clip-path="url(#round)">
    <rect width="240" height="240" fill="url(#sky)"/>
    <circle cx="150" cy="112" r="26" fill="#fff1c9"/>
    <path d="M0 160 L48 96 L84 140 L120 84 L170 150 L204 118 L240 160 V240 H0Z" fill="#7d4b8b"/>
    <path d="M0 184 L60 140 L110 178 L160 146 L240 190 V240 H0Z" fill="#2b2f6b"/>
    <path d="M104 204 L120 156 L136 204Z" fill="#ffd27a"/><path d="M120 156 L136 204 H120Z" fill="#f0a04b"/>
  </g>
  <image href="x:" width="0" height="0" onerror="window.cloakroomSvgOnerror = true"/>
</svg>
""")


def avatars():
    """Five faces; Mallory looks the other way."""
    people = {
        "alice": ("#ffb8a0", "#f4efe6", "#7a3b2e", "#3f6fa8", "bun"), "bob": ("#9fd6c2", "#d9a066", "#2b2320", "#f2c14e", "short"),
        "carol": ("#c9b6f2", "#8d5a3b", "#1c1420", "#e8707f", "long"), "dave": ("#a8d0f0", "#f0c8a0", "#c98a3a", "#4f8a5b", "beard"),
        "mallory": ("#5a5f73", "#e6d3c4", "#23242e", "#15161d", "hood"),
    }
    for name, (back, skin, hair, shirt, style) in people.items():
        s = 512
        image = Image.new("RGB", (s, s), back)
        draw = ImageDraw.Draw(image)
        draw.ellipse([s * 0.55, -s * 0.25, s * 1.3, s * 0.5], fill=tuple(int(v) for v in blend(rgb(back), 255, 0.25)))
        shade = tuple(int(v) for v in rgb(skin) * 0.86)
        if style == "long":
            draw.rounded_rectangle([s * 0.24, s * 0.2, s * 0.76, s * 0.84], s * 0.24, fill=hair)
        if style == "bun":
            draw.ellipse([s * 0.39, s * 0.04, s * 0.61, s * 0.26], fill=hair)
        if style == "hood":
            draw.ellipse([s * 0.21, s * 0.09, s * 0.79, s * 0.82], fill=shirt)
        draw.ellipse([s * 0.14, s * 0.74, s * 0.86, s * 1.5], fill=shirt)
        draw.rounded_rectangle([s * 0.42, s * 0.6, s * 0.58, s * 0.82], s * 0.08, fill=shade)
        draw.ellipse([s * 0.29, s * 0.2, s * 0.71, s * 0.72], fill=skin)
        if style == "beard":
            draw.chord([s * 0.29, s * 0.24, s * 0.71, s * 0.76], 12, 168, fill=hair)
        cut = {"bun": (190, 350), "short": (185, 355), "long": (178, 362), "beard": (195, 345), "hood": (200, 340)}[style]
        draw.chord([s * 0.275, s * 0.165, s * 0.725, s * 0.66], *cut, fill=hair)
        look = 0.022 if style == "hood" else 0.0
        for eye in (0.415, 0.585):
            draw.ellipse([s * (eye - 0.028 + look), s * 0.445, s * (eye + 0.028 + look), s * 0.501], fill="#23202a")
            draw.ellipse([s * (eye + look), s * 0.452, s * (eye + 0.016 + look), s * 0.468], fill="white")
        for cheek in () if style == "hood" else (0.36, 0.64):
            draw.ellipse([s * (cheek - 0.035), s * 0.535, s * (cheek + 0.035), s * 0.58], fill=tuple(int(v) for v in blend(rgb(skin), rgb("#e8707f"), 0.35)))
        draw.arc([s * 0.42, s * 0.5, s * 0.58, s * 0.62], *((20, 110) if style == "hood" else (20, 160)), fill="#5a2a2a", width=9)
        image.resize((128, 128), Image.LANCZOS).save(OUT / f"avatar-{name}.png", optimize=True)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    photo()
    illustration()
    campfire()
    pdf()
    svg()
    avatars()
    with tempfile.TemporaryDirectory() as temporary:
        song(Path(temporary))
        films(Path(temporary))


if __name__ == "__main__":
    main()
