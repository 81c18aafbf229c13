"""The English of the public site is complete, and the search for gaps finds them."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.web import translations


def test_every_sentence_of_the_public_site_can_be_read_in_english() -> None:
    assert translations.faults() == []


def test_a_sentence_outside_gettext_is_found_in_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates").mkdir()
    page = '{# 注释 #}\n{{ _("好") }}\n<p>没有翻译的话</p>\n{% if x == "值" %}{% endif %}'
    (tmp_path / "templates" / "page.html").write_text(page, "utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    [found] = translations.unspoken_in_templates()
    assert ":3:" in found and "没有翻译的话" in found


def test_a_sentence_outside_gettext_is_found_in_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = '"""文档 说明"""\nx = "没有翻译"\ny = _("有翻译的")\nraise Refused("code", "会翻译的")\n'
    ast.parse(code)
    (tmp_path / "views.py").write_text(code, "utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    [found] = translations.unspoken_in_code()
    assert ":2:" in found


def test_the_message_of_a_domain_error_is_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.py").write_text('raise Refused("code", "文件是空的。")\n', "utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    assert translations.extracted().get("文件是空的。") is not None


def test_a_translation_that_loses_a_placeholder_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = translations.known()
    catalogue.add("第 %(n)s 题", "Question")
    monkeypatch.setattr(translations, "merged", lambda: catalogue)
    assert "placeholders differ: 第 %(n)s 题" in translations.faults()


def test_the_compiled_file_is_the_same_whenever_it_is_made() -> None:
    later = translations.known()
    later.creation_date = datetime(2031, 1, 1, tzinfo=UTC)
    assert translations.compiled(later) == translations.compiled(translations.known())


def test_wrong_usage_is_told_apart_from_a_fault() -> None:
    assert translations.main([]) == 2
    assert translations.main(["everything"]) == 2
