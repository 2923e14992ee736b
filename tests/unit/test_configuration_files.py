"""The two files of the company beside its exports: a row that is named twice would count twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.sources.mapping import MappingError
from dagster_project.sources.preview import preview
from dagster_project.sources.run_state import Published, prepare
from tests.unit.intake import TODAY, Intake, document


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        (
            "event_catalogue",
            "event_name,kind,is_value,is_core\nopen,view,true,false\nsave,edit,true,true\nopen,view,false,false\n",
            "event_catalogue: open stands in lines 2, 4; keep one of them",
        ),
        (
            "score_references",
            (
                "scoring_version,reference,reference_group,value,n,from_on,to_on\n"
                "v1,depth_p95,all,3,9,2026-01-01,2026-03-31\nv1,depth_p95,all,4,9,2026-01-01,2026-03-31\n"
            ),
            "score_references: v1, depth_p95, all stands in lines 2, 3; keep one of them",
        ),
    ],
)
def test_a_row_that_is_named_twice_is_refused_with_its_lines_by_the_run_and_before_it(
    tmp_path: Path, key: str, text: str, said: str
) -> None:
    (tmp_path / f"{key}.csv").write_text(text, encoding="utf-8")
    company = Intake(tmp_path, document() | {key: f"{key}.csv"})
    company.home.path.mkdir(exist_ok=True)
    with pytest.raises(MappingError, match=said):
        prepare(company.mapping, company.home, TODAY, Published([], []))
    with pytest.raises(MappingError, match=said):
        preview(company.mapping)
