"""Texts come out of their packed form as they went in, and take less space in it."""

import zlib
from base64 import b64encode

from hypothesis import example, given
from hypothesis import strategies as st

from storage.sqlite import packing

KNOWN = ("A title", None, "An excerpt")
SEALED = f"{b64encode(bytes(range(200))).decode()};{b64encode(bytes(range(16))).decode()}"
TEXT = f'title: "A title"\nexcerpt: "An excerpt"\nsecured: "{SEALED}"\n'.encode()
BASE64 = st.text("ABab01+/=", max_size=30) | st.binary(max_size=40).map(lambda data: b64encode(data).decode())
LINES = st.one_of(
    st.builds('secured: "{};{}"\n'.format, BASE64, st.just(SEALED[-24:]) | BASE64),
    st.sampled_from(
        ['secured: ""\n', "\n", f'secured: "{SEALED}"\n', 'title: "A title"\n', '  secured: ""\n']
    ),
    st.text(max_size=20),
)


@given(st.lists(LINES, max_size=5).map("".join))
@example(f'\nsecured: ""\nsecured: "{SEALED}"\n')
@example(f'\nsecured: "{SEALED}"\nsecured: "{SEALED}"\n')
@example('\nsecured: "QUJ=;AAAAAAAAAAAAAAAAAAAAAA=="\n')
@example('\nsecured: "A;AAAAAAAAAAAAAAAAAAAAAB=="\n')
def test_any_text_comes_back_as_it_was(text: str) -> None:
    packed = packing.compress(text.encode(), KNOWN)
    assert packing.decompress(packed, KNOWN).decode() == text


def test_ciphertext_takes_no_more_than_its_bytes() -> None:
    plain = packing.compress(TEXT.replace(SEALED.encode(), b""), KNOWN)
    assert len(packing.compress(TEXT, KNOWN)) == len(plain) + 200 + 16


def test_texts_that_earlier_versions_packed_are_read() -> None:
    dictionary = packing.COMMON + b"A title\nAn excerpt"
    packer = zlib.compressobj(9, zlib.DEFLATED, -13, 6, zdict=dictionary)
    packed = packer.compress(TEXT) + packer.flush()
    assert packing.decompress(packed, KNOWN) == TEXT
