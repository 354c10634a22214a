"""Small flat illustrations of common subjects, drawn by us on a 100 x 100 grid.

`$a` and `$b` are the two accent colours, `$i` the ink, `$c` the surface behind. Lines are `$i` unless said otherwise.
"""

from collections.abc import Mapping
from string import Template
from types import MappingProxyType

MOTIFS: Mapping[str, str] = MappingProxyType(
    {
        "sun": '<circle cx="50" cy="50" r="20" fill="$a"/><path d="M50 12v10M50 78v10M12 50h10M78 50h10M23 23l7 7M70 70l7 7M77 23l-7 7M30 70l-7 7"/>',
        "moon": '<path d="M62 16a36 36 0 1 0 22 50 30 30 0 0 1-22-50z" fill="$a"/><circle cx="76" cy="30" r="2.5" fill="$b" stroke="none"/><circle cx="86" cy="46" r="1.8" fill="$b" stroke="none"/>',
        "cloud": '<path d="M28 72a15 15 0 0 1 0-30 22 22 0 0 1 42-6 18 18 0 0 1 4 36z" fill="$c"/><path d="M36 80l-4 9M52 80l-4 9M68 80l-4 9" stroke="$b"/>',
        "wave": '<path d="M8 62c8-26 30-34 46-22 10 8 6 22-6 22-7 0-11-6-9-12 -14 6-8 26 12 26 14 0 16-8 41-8v22H8z" fill="$a"/><path d="M8 84c14-8 22-8 42 0s28 8 42 0" stroke="$b"/>',
        "mountain": '<path d="M6 84L38 28l18 30 10-14 28 40z" fill="$a"/><path d="M38 28l-11 19 7-3 5 6 6-7 6 5z" fill="$c"/><circle cx="76" cy="26" r="8" fill="$b"/>',
        "leaf": '<path d="M20 80C14 40 40 16 84 18c2 44-22 68-56 58z" fill="$a"/><path d="M14 90C28 64 44 46 66 36M38 60l-2-18M50 49l18 2"/>',
        "flower": '<path d="M50 56v36M50 78c-12 0-18-6-20-14 12 0 18 4 20 14z" fill="$b"/><g fill="$a"><circle cx="50" cy="22" r="11"/><circle cx="33" cy="34" r="11"/><circle cx="67" cy="34" r="11"/><circle cx="40" cy="52" r="11"/><circle cx="60" cy="52" r="11"/></g><circle cx="50" cy="39" r="9" fill="$b"/>',
        "tree": '<path d="M50 60v32"/><path d="M50 10c20 0 34 16 30 34 8 16-6 28-20 24-8 4-12 4-20 0-14 4-28-8-20-24-4-18 10-34 30-34z" fill="$a"/><path d="M50 70l-12-12M50 60l12-14"/>',
        "flame": '<path d="M52 8c4 18 26 28 26 54a28 28 0 0 1-56 0c0-14 8-20 12-30 4 6 6 8 8 14 8-10 12-22 10-38z" fill="$a"/><path d="M50 90c-10 0-14-8-14-15 0-9 9-12 13-22 8 8 16 14 16 23 0 8-6 14-15 14z" fill="$b"/>',
        "drop": '<path d="M50 10c16 22 28 36 28 52a28 28 0 0 1-56 0c0-16 12-30 28-52z" fill="$a"/><path d="M36 62a14 14 0 0 0 12 14" stroke="$c"/>',
        "snow": '<path d="M50 10v80M15 30l70 40M15 70l70-40M50 24l-8-8M50 24l8-8M50 76l-8 8M50 76l8 8M27 37l-11 1M27 37l-3-11M73 63l11-1M73 63l3 11M27 63l-11-1M27 63l-3 11M73 37l11 1M73 37l3-11" stroke="$a"/><circle cx="50" cy="50" r="7" fill="$b"/>',
        "gear": '<path d="M43 10h14l2 11 8 4 10-6 9 10-6 9 3 8 11 2v14l-11 2-3 8 6 9-9 10-10-6-8 4-2 11H43l-2-11-8-4-10 6-9-10 6-9-3-8-11-2V48l11-2 3-8-6-9 9-10 10 6 8-4z" fill="$a" transform="translate(2 -2) scale(.96)"/><circle cx="50" cy="50" r="14" fill="$c"/>',
        "heart": '<path d="M50 86C18 62 10 46 14 32c5-17 27-19 36-2 9-17 31-15 36 2 4 14-4 30-36 54z" fill="$a"/><path d="M26 40c0-7 4-11 9-12" stroke="$c"/>',
        "chart": '<path d="M12 88h78M12 88V12"/><rect x="22" y="58" width="13" height="30" rx="2" fill="$b"/><rect x="44" y="42" width="13" height="46" rx="2" fill="$a"/><rect x="66" y="24" width="13" height="64" rx="2" fill="$a"/><path d="M22 42l24-18 14 6 22-20" stroke="$b"/>',
        "shield": '<path d="M50 10l34 12v24c0 22-14 36-34 44-20-8-34-22-34-44V22z" fill="$a"/><path d="M34 50l12 12 22-26" stroke="$c" stroke-width="6"/>',
        "clock": '<circle cx="50" cy="50" r="38" fill="$c"/><path d="M50 26v26l17 12" stroke="$a" stroke-width="5"/><path d="M50 16v4M50 80v4M16 50h4M80 50h4"/><circle cx="50" cy="50" r="4" fill="$b"/>',
        "hourglass": '<path d="M26 12h48M26 88h48"/><path d="M32 12c0 24 14 26 14 38S32 64 32 88h36c0-24-14-26-14-38s14-14 14-38z" fill="$c"/><path d="M38 30h24c-3 9-9 11-12 18-3-7-9-9-12-18zM34 86c2-12 10-16 16-20 6 4 14 8 16 20z" fill="$a" stroke="none"/>',
        "book": '<path d="M50 26C40 17 26 16 10 18v60c16-2 30-1 40 8 10-9 24-10 40-8V18c-16-2-30-1-40 8z" fill="$c"/><path d="M50 26v60"/><path d="M20 34c8-1 14 0 20 4M20 48c8-1 14 0 20 4M60 38c6-4 12-5 20-4M60 52c6-4 12-5 20-4" stroke="$a"/><path d="M66 17v22l6-5 6 5V16z" fill="$b" stroke="none"/>',
        "pen": '<path d="M72 10l18 18-50 50-24 6 6-24z" fill="$a"/><path d="M62 20l18 18M22 60l18 18"/><path d="M14 92h40" stroke="$b"/>',
        "globe": '<circle cx="50" cy="50" r="38" fill="$a"/><path d="M50 12c-24 22-24 54 0 76 24-22 24-54 0-76zM12 50h76M18 30h64M18 70h64" stroke="$c"/>',
        "pin": '<ellipse cx="50" cy="86" rx="22" ry="5" fill="$b" stroke="none"/><path d="M50 84C30 60 22 50 22 38a28 28 0 0 1 56 0c0 12-8 22-28 46z" fill="$a"/><circle cx="50" cy="38" r="11" fill="$c"/>',
        "ship": '<path d="M12 62h76l-12 22H26z" fill="$a"/><path d="M48 62V14"/><path d="M52 18c16 6 24 18 26 36H52zM44 24C34 32 26 42 24 54h20z" fill="$c"/><path d="M6 92c8-5 14-5 22 0s14 5 22 0 14-5 22 0 14 5 22 0" stroke="$b"/>',
        "lighthouse": '<path d="M46 22L6 10v24zM54 22l40-12v24z" fill="$b" stroke="none" opacity=".55"/><path d="M38 32h24l6 50H32z" fill="$c"/><path d="M36.500 46h27l1.400 12H35.200zM33.800 70h32.400l1.200 12H32z" fill="$a"/><path d="M40 16h20v16H40z" fill="$b"/><path d="M38 16l12-9 12 9zM34 32h32" fill="$a"/><path d="M8 90c8-6 14-6 22 0 10-7 30-7 40 0 8-6 14-6 22 0"/>',
        "anchor": '<circle cx="50" cy="18" r="8" fill="$b"/><path d="M50 26v62M32 40h36M14 58c2 18 16 30 36 30s34-12 36-30M14 58l-4 10M14 58l10 5M86 58l4 10M86 58l-10 5" stroke="$a" stroke-width="5"/>',
        "cup": '<path d="M18 40h52v24a22 22 0 0 1-22 22h-8a22 22 0 0 1-22-22z" fill="$a"/><path d="M70 46h8a10 10 0 0 1 0 20h-8"/><path d="M32 30c-4-6 4-8 0-16M46 30c-4-6 4-8 0-16M60 30c-4-6 4-8 0-16" stroke="$b"/>',
        "pot": '<path d="M18 44h64v28a12 12 0 0 1-12 12H30a12 12 0 0 1-12-12z" fill="$a"/><path d="M12 44h76M8 54h10M82 54h10M42 36h16"/><path d="M36 26c-4-6 4-8 0-15M50 26c-4-6 4-8 0-15M64 26c-4-6 4-8 0-15" stroke="$b"/>',
        "bread": '<path d="M14 62c-8-22 12-38 36-38s44 16 36 38c-2 14-8 18-36 18S16 76 14 62z" fill="$a"/><path d="M32 34l-6 14M50 31l-3 15M68 34l-1 14" stroke="$c" stroke-width="5"/><path d="M16 90h68" stroke="$b"/>',
        "fruit": '<path d="M50 34c10-10 34-6 34 20 0 20-14 36-24 36-5 0-6-2-10-2s-5 2-10 2c-10 0-24-16-24-36 0-26 24-30 34-20z" fill="$a"/><path d="M50 34c0-10 2-16 8-22"/><path d="M58 22c6-10 16-12 24-10-2 10-12 16-24 10z" fill="$b"/>',
        "carrot": '<path d="M60 38c10 10 4 18-6 26L16 88c-4 2-6 0-4-4l24-38c8-10 14-18 24-8z" fill="$a"/><path d="M60 40c-4-14 2-24 8-30 4 10 4 16 0 24 8-6 16-6 22-2-6 8-16 12-30 8z" fill="$b"/><path d="M38 52l8 8M28 66l6 6"/>',
        "fork": '<path d="M30 10v26M22 10v20a8 8 0 0 0 16 0V10M30 38v52" stroke="$a" stroke-width="5"/><path d="M68 90V10c-14 8-16 28-12 44h12" fill="$b"/>',
        "house": '<path d="M20 46v42h60V46L50 18z" fill="$c"/><path d="M8 52l42-40 42 40" stroke="$a" stroke-width="6"/><path d="M42 88V64h16v24z" fill="$a"/><path d="M66 16v14" /><circle cx="50" cy="46" r="6" fill="$b"/>',
        "city": '<path d="M10 88V46h22v42z" fill="$b"/><path d="M32 88V16h26v72z" fill="$a"/><path d="M58 88V36h30v52z" fill="$c"/><path d="M40 28h10M40 40h10M40 52h10M40 64h10M66 48h4M76 48h4M66 60h4M76 60h4M66 72h4M76 72h4M18 58h6M18 70h6"/><path d="M4 88h92"/>',
        "temple": '<path d="M10 38L50 12l40 26z" fill="$a"/><path d="M18 38v40M34 38v40M50 38v40M66 38v40M82 38v40" stroke-width="7" stroke="$b"/><path d="M8 88h84M14 79h72"/>',
        "castle": '<path d="M14 88V28h10v8h8v-8h10v18h16V28h10v8h8v-8h10v60z" fill="$a"/><path d="M42 88V70a8 8 0 0 1 16 0v18z" fill="$c"/><path d="M28 12v16M72 12v16"/><path d="M28 12l12 4-12 4zM72 12l12 4-12 4z" fill="$b"/>',
        "factory": '<path d="M10 88V50l24 14V50l24 14V50l32 14v24z" fill="$a"/><path d="M72 54V22h12v36" fill="$c"/><path d="M76 14c-2-6 8-4 6-10M22 76h8M44 76h8M66 76h8" stroke="$b"/>',
        "star": '<path d="M50 8l12 28 30 3-23 20 7 30-26-16-26 16 7-30L8 39l30-3z" fill="$a"/><path d="M50 30l6 14 14 1" stroke="$c"/>',
        "person": '<circle cx="50" cy="30" r="18" fill="$a"/><path d="M14 90c0-22 16-34 36-34s36 12 36 34z" fill="$b"/>',
        "people": '<circle cx="28" cy="36" r="12" fill="$b"/><circle cx="72" cy="36" r="12" fill="$b"/><path d="M6 84c0-18 10-28 22-28M94 84c0-18-10-28-22-28"/><circle cx="50" cy="34" r="15" fill="$a"/><path d="M22 90c0-20 12-32 28-32s28 12 28 32z" fill="$a"/>',
        "hand": '<path d="M30 90V56l-12-14c-4-6 4-12 9-6l9 10V18c0-8 11-8 11 0v22-28c0-8 11-8 11 0v28-22c0-8 11-8 11 0v28-14c0-8 11-8 11 0v30c0 18-10 28-18 28z" fill="$a"/><path d="M24 96h52" stroke="$b"/>',
        "bulb": '<path d="M34 66c-14-10-16-26-10-38 10-20 42-20 52 0 6 12 4 28-10 38v10H34z" fill="$a"/><path d="M36 84h28M42 92h16"/><path d="M42 66V50l8 6 8-6v16" stroke="$c"/>',
        "bolt": '<path d="M58 6L18 56h24l-8 38 44-54H52z" fill="$a"/><path d="M78 68l10 4M20 26l-10-4" stroke="$b"/>',
        "rocket": '<path d="M50 6c18 14 22 36 16 60H34C28 42 32 20 50 6z" fill="$c"/><circle cx="50" cy="36" r="9" fill="$b"/><path d="M33 50L18 68v14l18-12M67 50l15 18v14L64 70" fill="$a"/><path d="M42 72c0 10 4 14 8 22 4-8 8-12 8-22z" fill="$a"/>',
        "plane": '<path d="M46 10c2-4 8-4 9 1l2 27 34 20v9L57 58l-2 20 12 8v6l-17-4-17 4v-6l12-8-2-20L9 67v-9l34-20z" fill="$a"/><path d="M14 88h16M72 14h14" stroke="$b"/>',
        "car": '<path d="M8 68V54l14-4 10-20h36l14 20 10 4v14z" fill="$a"/><path d="M36 36h12v14H28zM54 36h12l8 14H54z" fill="$c"/><circle cx="28" cy="70" r="10" fill="$b"/><circle cx="74" cy="70" r="10" fill="$b"/>',
        "bike": '<circle cx="24" cy="64" r="17" stroke="$a" stroke-width="5"/><circle cx="76" cy="64" r="17" stroke="$a" stroke-width="5"/><path d="M24 64l16-28h26l10 28M40 36l12 28 14-28M52 64H24M34 30h12M66 36l-3-10h9" stroke-width="4"/><circle cx="52" cy="64" r="4" fill="$b"/>',
        "train": '<rect x="22" y="12" width="56" height="62" rx="14" fill="$a"/><path d="M32 26h36v20H32z" fill="$c"/><circle cx="36" cy="60" r="4" fill="$b"/><circle cx="64" cy="60" r="4" fill="$b"/><path d="M34 74L22 92M66 74l12 18M28 84h44"/>',
        "note": '<path d="M36 74V20l44-10v54"/><path d="M36 34l44-10" stroke-width="6" stroke="$a"/><ellipse cx="25" cy="75" rx="13" ry="10" fill="$a"/><ellipse cx="69" cy="65" rx="13" ry="10" fill="$b"/>',
        "palette": '<path d="M50 12c26 0 42 16 40 36-2 16-16 14-24 14-10 0-10 8-6 14 4 8-2 14-12 14C26 90 10 72 10 52s16-40 40-40z" fill="$c"/><circle cx="32" cy="40" r="7" fill="$a"/><circle cx="52" cy="28" r="7" fill="$b"/><circle cx="72" cy="38" r="7" fill="$a"/><circle cx="28" cy="62" r="7" fill="$b"/>',
        "camera": '<path d="M10 30h20l8-12h24l8 12h20v54H10z" fill="$a"/><circle cx="50" cy="56" r="18" fill="$c"/><circle cx="50" cy="56" r="9" fill="$b"/>',
        "phone": '<rect x="28" y="8" width="44" height="84" rx="9" fill="$c"/><path d="M28 22h44M28 76h44"/><rect x="35" y="30" width="30" height="18" rx="3" fill="$a"/><path d="M36 57h28M36 66h18" stroke="$b"/>',
        "screen": '<rect x="10" y="16" width="80" height="54" rx="6" fill="$c"/><path d="M36 88h28M50 70v18"/><path d="M24 54l14-14 12 10 24-22" stroke="$a" stroke-width="5"/><circle cx="74" cy="28" r="4" fill="$b"/>',
        "chip": '<rect x="26" y="26" width="48" height="48" rx="6" fill="$a"/><path d="M36 26V12M50 26V12M64 26V12M36 88V74M50 88V74M64 88V74M26 36H12M26 50H12M26 64H12M88 36H74M88 50H74M88 64H74"/><rect x="40" y="40" width="20" height="20" rx="3" fill="$b"/>',
        "robot": '<rect x="18" y="30" width="64" height="50" rx="12" fill="$c"/><circle cx="38" cy="52" r="7" fill="$a"/><circle cx="62" cy="52" r="7" fill="$a"/><path d="M40 68h20M50 30V16M10 48v14M90 48v14"/><circle cx="50" cy="13" r="5" fill="$b"/>',
        "lock": '<path d="M30 46V32a20 20 0 0 1 40 0v14"/><rect x="20" y="46" width="60" height="44" rx="8" fill="$a"/><path d="M50 62v12" stroke="$c" stroke-width="6"/>',
        "warning": '<path d="M50 12l42 74H8z" fill="$a"/><path d="M50 38v24" stroke="$c" stroke-width="7"/><circle cx="50" cy="74" r="4.500" fill="$c" stroke="none"/>',
        "helmet": '<path d="M14 66c0-26 14-42 36-42s36 16 36 42z" fill="$a"/><path d="M40 26v26M60 26v26"/><path d="M6 66h88v8H6z" fill="$b"/>',
        "coin": '<ellipse cx="50" cy="74" rx="30" ry="12" fill="$b"/><path d="M20 60v14M80 60v14"/><ellipse cx="50" cy="58" rx="30" ry="12" fill="$a"/><path d="M20 42v16M80 42v16"/><ellipse cx="50" cy="40" rx="30" ry="12" fill="$a"/><path d="M40 40h20" stroke="$c"/>',
        "bag": '<path d="M18 34h64l6 56H12z" fill="$a"/><path d="M34 44V28a16 16 0 0 1 32 0v16"/><path d="M36 62c4 10 24 10 28 0" stroke="$c"/>',
        "gift": '<rect x="18" y="46" width="64" height="44" rx="4" fill="$a"/><rect x="12" y="32" width="76" height="16" rx="4" fill="$b"/><path d="M50 32v58M50 32c-6-20-30-20-24-6 2 6 14 6 24 6zM50 32c6-20 30-20 24-6-2 6-14 6-24 6z"/>',
        "trophy": '<path d="M28 12h44v26a22 22 0 0 1-44 0z" fill="$a"/><path d="M28 20H12c0 18 8 24 18 24M72 20h16c0 18-8 24-18 24M50 60v16"/><path d="M32 88c0-8 6-12 18-12s18 4 18 12z" fill="$b"/>',
        "target": '<circle cx="50" cy="50" r="38" fill="$c"/><circle cx="50" cy="50" r="25" fill="$a"/><circle cx="50" cy="50" r="11" fill="$c"/><path d="M50 50l36-36M76 12v12h12" stroke="$b" stroke-width="4"/>',
        "flask": '<path d="M40 10v26L16 78c-4 8 0 12 8 12h52c8 0 12-4 8-12L60 36V10z" fill="$c"/><path d="M28 60h44l10 18c3 6 0 10-6 10H24c-6 0-9-4-6-10z" fill="$a"/><path d="M34 10h32"/><circle cx="44" cy="72" r="4" fill="$b" stroke="none"/><circle cx="58" cy="66" r="3" fill="$b" stroke="none"/>',
        "atom": '<g stroke="$a"><ellipse cx="50" cy="50" rx="40" ry="15"/><ellipse cx="50" cy="50" rx="40" ry="15" transform="rotate(60 50 50)"/><ellipse cx="50" cy="50" rx="40" ry="15" transform="rotate(120 50 50)"/></g><circle cx="50" cy="50" r="8" fill="$b"/>',
        "cross": '<path d="M38 12h24v26h26v24H62v26H38V62H12V38h26z" fill="$a"/><path d="M50 24v20" stroke="$c"/>',
        "brain": '<path d="M48 18c-10-10-26-2-24 10-14 4-14 22-6 28-4 14 8 24 18 20 4 10 12 8 12 2z" fill="$a"/><path d="M52 18c10-10 26-2 24 10 14 4 14 22 6 28 4 14-8 24-18 20-4 10-12 8-12 2z" fill="$b"/><path d="M34 36c6 0 8 4 8 8M30 58c6 2 10 0 12-4M66 36c-6 0-8 4-8 8M70 58c-6 2-10 0-12-4"/>',
        "eye": '<path d="M6 50c22-36 66-36 88 0-22 36-66 36-88 0z" fill="$c"/><circle cx="50" cy="50" r="17" fill="$a"/><circle cx="50" cy="50" r="7" fill="$i" stroke="none"/><path d="M20 18l6 8M50 10v10M80 18l-6 8" stroke="$b"/>',
        "speech": '<path d="M12 18h76v50H48L28 86V68H12z" fill="$a"/><path d="M28 36h44M28 50h28" stroke="$c"/>',
        "megaphone": '<path d="M14 40h20l44-24v66L34 60H14z" fill="$a"/><path d="M26 60l6 26h12l-6-24"/><path d="M86 36c6 8 6 18 0 26" stroke="$b"/>',
        "calendar": '<rect x="14" y="20" width="72" height="68" rx="7" fill="$c"/><path d="M14 27a7 7 0 0 1 7-7h58a7 7 0 0 1 7 7v13H14z" fill="$a"/><path d="M32 10v18M68 10v18"/><path d="M30 54h8M46 54h8M62 54h8M30 70h8M46 70h8" stroke="$b" stroke-width="6"/>',
        "compass": '<circle cx="50" cy="50" r="38" fill="$c"/><path d="M50 50l-8-8 26-20-10 36z" fill="$a" stroke="none"/><path d="M50 50l8 8-26 20 10-36z" fill="$b" stroke="none"/><circle cx="50" cy="50" r="4" fill="$c"/><path d="M50 16v5M50 79v5M16 50h5M79 50h5"/>',
        "fish": '<path d="M8 50c16-28 46-30 64-8l18-14c-4 14-4 30 0 44L72 58C54 80 24 78 8 50z" fill="$a"/><circle cx="28" cy="46" r="4" fill="$i" stroke="none"/><path d="M44 38c6 8 6 16 0 24" stroke="$c"/>',
        "bird": '<path d="M10 56c14 0 16-26 38-26 10 0 12-14 26-12 6 1 8 6 16 8-6 2-8 4-10 10-2 26-18 42-40 42-14 0-24-8-30-22z" fill="$a"/><circle cx="72" cy="28" r="3" fill="$i" stroke="none"/><path d="M34 50c6 14 20 16 30 6" stroke="$c"/><path d="M44 78v12M56 76v14" stroke="$b"/>',
        "paw": '<path d="M50 50c16 0 28 16 24 28-3 10-14 8-24 8s-21 2-24-8c-4-12 8-28 24-28z" fill="$a"/><g fill="$b"><ellipse cx="18" cy="46" rx="8" ry="11"/><ellipse cx="38" cy="26" rx="9" ry="12"/><ellipse cx="62" cy="26" rx="9" ry="12"/><ellipse cx="82" cy="46" rx="8" ry="11"/></g>',
        "bee": '<ellipse cx="38" cy="32" rx="12" ry="18" fill="$c" transform="rotate(-24 38 32)"/><ellipse cx="62" cy="32" rx="12" ry="18" fill="$c" transform="rotate(24 62 32)"/><ellipse cx="50" cy="64" rx="19" ry="26" fill="$a"/><path d="M33 56h34M31 68h38M37 80h26M44 38l-6-10M56 38l6-10"/>',
        "ball": '<circle cx="50" cy="50" r="38" fill="$c"/><path d="M50 34l15 11-6 18H41l-6-18z" fill="$a"/><path d="M50 34V13M65 45l20-8M59 63l13 18M41 63L28 81M35 45l-20-8"/>',
        "dumbbell": '<path d="M30 50h40" stroke-width="7"/><rect x="18" y="26" width="14" height="48" rx="4" fill="$a"/><rect x="68" y="26" width="14" height="48" rx="4" fill="$a"/><path d="M10 38v24M90 38v24" stroke="$b" stroke-width="6"/>',
        "key": '<circle cx="32" cy="38" r="22" fill="$a"/><circle cx="32" cy="38" r="9" fill="$c"/><path d="M48 54l36 34M72 76l10-10M62 67l8-8" stroke-width="5"/>',
        "recycle": '<path d="M36 30l14-22 14 22M50 8v0M74 46l16 26-26 2M90 72M36 76H14l12-26" stroke="$a" stroke-width="6"/><path d="M58 20l14 24M62 80H38M26 50l12-20" stroke="$b" stroke-width="6"/>',
        "wind": '<path d="M10 38h48c16 0 16-22 2-22-8 0-11 6-10 11M10 54h66c18 0 16 24 2 24-8 0-11-5-10-10M10 70h38c12 0 12 18 0 18" stroke="$a" stroke-width="5"/><circle cx="80" cy="34" r="4" fill="$b"/>',
        "wheat": '<path d="M50 94V20"/><g fill="$a"><path d="M50 8c7 8 7 16 0 22-7-6-7-14 0-22zM50 44c2-12 10-16 20-15-1 12-9 17-20 15zM50 44c-2-12-10-16-20-15 1 12 9 17 20 15zM50 64c2-12 10-16 20-15-1 12-9 17-20 15zM50 64c-2-12-10-16-20-15 1 12 9 17 20 15z"/></g><path d="M36 92h28" stroke="$b"/>',
        "bottle": '<path d="M42 8h16v20c10 6 12 12 12 20v36c0 5-3 8-8 8H38c-5 0-8-3-8-8V48c0-8 2-14 12-20z" fill="$c"/><path d="M30 54h40v24H30z" fill="$a"/><path d="M40 16h20" stroke="$b"/>',
        "film": '<rect x="10" y="38" width="80" height="48" rx="5" fill="$c"/><path d="M10 38l4-16 78-10 2 14z" fill="$a"/><path d="M30 20l10 14M50 17l10 14M70 15l10 12"/><path d="M44 52l18 10-18 10z" fill="$b"/>',
        "graduation": '<path d="M50 20L6 40l44 20 44-20z" fill="$a"/><path d="M24 50v20c10 12 42 12 52 0V50" fill="$b"/><path d="M88 42v28"/>',
        "scales": '<path d="M50 14v72M30 88h40M16 28h68"/><path d="M16 28L4 58h24zM84 28L72 58h24z" /><path d="M4 58h24c0 16-24 16-24 0zM72 58h24c0 16-24 16-24 0z" fill="$a"/><circle cx="50" cy="16" r="5" fill="$b"/>',
        "quill": '<path d="M88 10C50 12 28 36 24 76c30-2 56-22 64-66z" fill="$a"/><path d="M14 92c8-26 30-50 54-64M40 62l22 2M46 50l26-2" /><path d="M34 92h40" stroke="$b"/>',
        "wheel": '<circle cx="50" cy="50" r="30" fill="$c"/><circle cx="50" cy="50" r="30" stroke="$a" stroke-width="7"/><path d="M50 8v84M8 50h84M20 20l60 60M80 20L20 80"/><circle cx="50" cy="50" r="8" fill="$b"/>',
        "growth": '<path d="M10 84h80"/><path d="M14 72l22-20 16 10 32-38" stroke="$a" stroke-width="6"/><path d="M66 22h20v20" stroke="$a" stroke-width="6"/><circle cx="36" cy="52" r="5" fill="$b"/><circle cx="52" cy="62" r="5" fill="$b"/>',
        "check": '<circle cx="50" cy="50" r="38" fill="$a"/><path d="M32 52l13 13 24-28" stroke="$c" stroke-width="7"/>',
        "puzzle": '<path d="M14 34h20c-6-16 18-16 12 0h22v20c16-6 16 18 0 12v22H46c6-16-18-16-12 0H14V66c16 6 16-18 0-12z" fill="$a"/><path d="M82 14v16M74 22h16" stroke="$b"/>',
    }
)  # fmt: skip


def motif_svg(name: str, side: float, accent: str, second: str, ink: str, surface: str) -> str:
    """The drawing of a motif in a square of `side` pixels; KeyError for a name that is not in MOTIFS."""
    body = Template(MOTIFS[name]).substitute(a=accent, b=second, i=ink, c=surface)
    return (
        f'<g transform="scale({side / 100:.4f})" fill="none" stroke="{ink}" stroke-width="3" '
        f'stroke-linecap="round" stroke-linejoin="round">{body}</g>'
    )
