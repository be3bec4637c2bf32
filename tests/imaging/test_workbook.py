"""A list in a workbook: its values as text, and nothing that does more than be refused."""

import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import RefusedError
from imaging.workbook import read_first_sheet, text_of
from imaging.workbook_parts import MOST_ROWS
from tests.makers.workbooks import DAY_STYLE, formula, make_workbook, number

NUMBER = "331121196203140021"


@contextmanager
def opened(data: bytes) -> Iterator[int]:
    """A file in memory, as the jail is given one."""
    descriptor = os.memfd_create("workbook", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, data)
        yield descriptor
    finally:
        os.close(descriptor)


def read(data: bytes) -> list[list[str]]:
    with opened(data) as descriptor:
        return read_first_sheet(descriptor)


def test_the_first_sheet_is_read_with_its_texts_numbers_and_days() -> None:
    rows = read(
        make_workbook(
            [
                ["姓名", "身份证号", "出生日期", "电话"],
                ["张桂英", NUMBER, number(22719, style=DAY_STYLE), number(13905786127)],
                [],
                ["", NUMBER],
            ]
        )
    )
    assert rows[1] == ["张桂英", NUMBER, "1962-03-14", "13905786127"]
    assert rows[2:] == [[], ["", NUMBER]]


def test_a_number_that_was_rounded_and_a_formula_are_told_as_what_they_are() -> None:
    rows = read(make_workbook([[number(331121196203140021), formula("A1&B1", "张桂英")]]))
    assert rows == [["3.31121E+17", "="]]


def test_the_text_is_what_a_spreadsheet_puts_on_the_clipboard() -> None:
    assert text_of([["姓名", "地址"], ["张桂英", '解放"路"\n1 号']]) == (
        '姓名\t地址\n张桂英\t"解放""路"" 1 号"\n'
    )


def test_a_part_with_a_document_type_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "张张张张">]>'
    with pytest.raises(RefusedError):
        read(make_workbook([["姓名"]], before_sheet=bomb))


def test_a_row_beyond_all_lists_is_refused() -> None:
    with pytest.raises(RefusedError):
        read(make_workbook([*([] for _ in range(MOST_ROWS)), ["姓名"]]))


def test_a_zip_without_a_sheet_is_refused() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("README", "no workbook")
    with pytest.raises(RefusedError):
        read(written.getvalue())


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(make_workbook([["姓名", "电话"], ["张桂英", number(1)]]))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    try:
        rows = read(bytes(whole))
    except RefusedError:
        return
    assert len(rows) <= MOST_ROWS
