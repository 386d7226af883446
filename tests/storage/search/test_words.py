"""What a word is, in any script, and how else it may be looked for."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.search.letters import fold, is_alphabetic
from storage.search.words import as_words, indexed, pieces


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Un CAFÉ, s'il vous plaît", "un cafe s il vous plait"),
        ("Łódź, Đà Nẵng, Øresund, Straße", "lodz da nang oresund strasse"),
        ("мой ёжик", "мой ежик"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("हिन्दी की किताब", "हिन्दी की किताब"),
        ("السَّلامُ عليكم", "السلام عليكم"),
        ("שָׁלוֹם", "שלום"),
        ("ＡＩ２０２６", "ai2026"),
        ("٢٠٢٦ २०२६", "2026 2026"),
        ("人工知能", "人工 工知 知能"),
        ("会", "会"),
        ("ชาวนา", "ชา าว วน นา"),
        ("ช่วย", "ช่ว วย"),
        ("인공지능이 온다", "인공 공지 지능 능이 온다"),
        ("iPhone15発売", "iphone15 発売"),
        ("a\u200bb me\u00adet", "ab meet"),
        ("Beyoncé's workers' O'Brien", "beyonce workers o brien"),
        ("😀!? … —", ""),
    ],
)
def test_letters_are_folded_and_marks_belong_to_their_letters(text: str, words: str) -> None:
    assert as_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++ and C#, not C", "c++ and c# not c"),
        ("(.NET) for .NET 12...", ".net for .net 12"),
        ("R&D, R & D and AT&T", "r&d r&d and at&t"),
        ("research & development", "research development"),
        ("A.I. in the U.S.A., e.g. by J. K. Rowling", "ai in the usa eg by jk rowling"),
        ("10,000 or 10.000 or 1’000 or 1 000 000", "10000 or 10000 or 1000 or 1000000"),
        ("3.5 or 3,5 or 1,234.56", "3.5 or 3.5 or 1234.56"),
        ("0.125", "0.125"),
        ("3.5.1", "3 5 1"),
        ("it told us of the US and IT", "it told us of the u.s and i.t"),
        ("JOIN US NOW", "join us now"),
        ("U.S.-based", "u.s based"),
        ("TCP/IP, 9/11, snake_case", "tcp ip 9 11 snake case"),
        ("#AI @you 50%", "ai you 50"),
    ],
)
def test_signs_that_are_part_of_a_word_stay(text: str, words: str) -> None:
    assert as_words(text) == words


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("Wi-Fi", "wifi"),
        ("GPT-4", "gpt4"),
        ("GPT-3.5", "gpt3.5"),
        ("Node.js", "nodejs"),
        ("ASP.NET", "aspnet"),
        ("e\u2011mail", "email"),
        ("E-Mail-Adresse", "email"),
        ("x86_64", "x8664"),
        ("O’Brien", "obrien"),
        ("AT&T", "att"),
        ("Disney+", "disney"),
        ("the US", "us"),
        ("10 000", "10"),
        ("paral·lel", "parallel"),
        ("展览会", "会"),
    ],
)
def test_what_is_written_in_several_ways_is_indexed_by_all_of_them(text: str, sought: str) -> None:
    assert sought in indexed(text).split()
    assert sought not in as_words(text).split()


def test_a_sign_of_one_letter_is_never_left_out() -> None:
    assert indexed("C++ C# F# R&D .NET") == "c++ c# f# r&d .net"


def test_a_word_written_as_one_is_looked_for_written_apart() -> None:
    assert [piece.other for piece in pieces("gpt4 covid19 wi-fi word 10000")] == [
        "gpt 4",
        "covid 19",
        "wifi",
        "",
        "",
    ]


def test_only_words_of_an_alphabet_may_be_mistyped() -> None:
    assert all(map(is_alphabetic, ("word", "слово", "λόγος", "शब्द", "كلمة")))
    assert not any(map(is_alphabetic, ("c++", "gpt4", "展览", "นา", "지능", "3.5")))


TEXTS = st.text(max_size=60) | st.text("aBc1ก人ि'’-.,+#& \u0301US", max_size=30)


@given(TEXTS)
@example("0&ក")
@example("人+ 言語C++")
def test_the_words_of_words_are_the_same(text: str) -> None:
    words = as_words(text)
    assert as_words(words) == words


@given(TEXTS)
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    assert indexed(unicodedata.normalize("NFD", text)) == indexed(unicodedata.normalize("NFC", text))
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_a_word_holds_nothing_that_would_part_it_in_the_index(text: str) -> None:
    for word in indexed(text).split():
        assert all(
            not character.isascii() or character.isalnum() or character in "+#&." for character in word
        )
