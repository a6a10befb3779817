#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the scenarios, goals and reports of the benchmarks, without running any program.  Prints TAP."""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import goals
import report
import scenarios

MIB = goals.MIB


def make_scenarios(quick):
    with tempfile.TemporaryDirectory() as directory:
        upload_file = Path(directory) / 'upload.bin'
        with upload_file.open('wb') as file:
            file.truncate(MIB)
        return scenarios.make_scenarios(quick, upload_file)


def sample(cpu, rss=MIB):
    return {'cpu': cpu, 'wall': 1.0, 'rss': rss}


def find_scenario(name):
    return next(scenario for scenario in make_scenarios(False) if scenario.name == name)


def test_scenarios_have_different_names():
    for quick in (False, True):
        names = [scenario.name for scenario in make_scenarios(quick)]
        assert len(names) == len(set(names)), names


def test_each_goal_is_of_programs_that_run_in_its_scenario():
    programs = {scenario.name: scenario.programs for scenario in make_scenarios(False)}
    for goal in goals.GOALS:
        assert goal.program in programs[goal.scenario], goal.scenario
        assert goal.to is None or goal.to in programs[goal.scenario], goal.scenario


def test_curl_has_arguments_wherever_it_runs():
    for scenario in make_scenarios(True):
        assert scenario.curl is not None or 'curl' not in scenario.programs, scenario.name


def test_ratio_is_the_median_of_the_rounds():
    samples = {'ours': [sample(1.0), sample(9.0), sample(1.0)], 'rust': [sample(2.0), sample(2.0), sample(4.0)]}
    result = report.summarize(find_scenario('stream paced'), samples, 1)
    assert result['ratios']['rust']['cpu'] == 0.5, result
    assert result['programs']['ours']['cpu'] == 1.0, result


def test_program_with_one_round_is_compared_with_the_first_round():
    samples = {'ours': [sample(1.0), sample(9.0)], 'python': [sample(10.0)]}
    assert report.summarize(find_scenario('stream ev'), samples, 1)['ratios']['python']['cpu'] == 0.1


def test_goals_are_met_missed_or_not_checked():
    samples = {'ours': [sample(1.0, 15 * MIB)], 'rust': [sample(2.0)]}
    result = report.summarize(find_scenario('stream ev'), samples, 1)
    assert {goal['goal']: goal['met'] for goal in result['goals']} == {
        'cpu <= 0.6 of rust': True, 'cpu <= 0.15 of npm': None, 'rss <= 14 MB': False}, result
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        report.print_scenario(result)
    assert 'goal: cpu <= 0.6 of rust: 0.500, met' in output.getvalue(), output.getvalue()
    assert 'goal: rss <= 14 MB: 15.0 MB, MISSED' in output.getvalue(), output.getvalue()
    assert 'goal: cpu <= 0.15 of npm: not checked' in output.getvalue(), output.getvalue()


def test_counts_above_their_maximum_are_missed():
    with contextlib.redirect_stdout(io.StringIO()):
        assert report.print_counts({'instructions': {'stream ev': (100, 100), 'completions 1': (100, None)}})
        assert not report.print_counts({'instructions': {'stream ev': (101, 100)}})


def test_tables_have_a_cell_for_each_program():
    results = [report.summarize(find_scenario('ready'), {'ours': [sample(0.005)], 'go': [sample(0.006)]}, None),
               report.summarize(find_scenario('import gjs'), {'gjs import': [sample(0.05)]}, None)]
    lines = report.format_markdown(results).splitlines()
    assert lines[0] == '| scenario | ours | go | gjs import |', lines
    assert lines[2] == '| ready | 5.000 ms, 1 MB | 6.000 ms, 1 MB | – |', lines
    assert lines[3] == '| import gjs | – | – | 50.000 ms, 1 MB |', lines


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_')]
    failures = 0
    print(f'1..{len(tests)}')
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
        except AssertionError as error:
            failures += 1
            print(f'# {error}')
            print('not ', end='')
        print(f'ok {number} - {name.removeprefix("test_").replace("_", " ")}')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
