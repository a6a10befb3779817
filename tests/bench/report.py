# SPDX-License-Identifier: LGPL-2.1-or-later
"""Medians, ratios and goals, as text for the terminal, and as a table for docs/benchmarks.md."""

import statistics

import goals
from goals import MIB
from measuring import FIGURES
from scenarios import OURS


def get_ratio(samples, program, other, figure):
    """The median of the ratios of the rounds in which both ran."""
    return statistics.median(one[figure] / max(two[figure], 1e-6) for one, two in zip(samples[program], samples[other]))


def summarize(scenario, samples, connections):
    medians = {program: {figure: statistics.median(sample[figure] for sample in rounds) for figure in FIGURES}
               for program, rounds in samples.items()}
    ratios = {program: {figure: get_ratio(samples, OURS, program, figure) for figure in FIGURES}
              for program in samples if program != OURS and OURS in samples}
    return {'name': scenario.name, 'units': scenario.units, 'unit': scenario.unit, 'connections': connections,
            'programs': medians, 'ratios': ratios, 'goals': list(check_goals(scenario, samples, medians))}


def check_goals(scenario, samples, medians):
    for goal in goals.get_goals(scenario.name):
        if goal.program not in samples or goal.to is not None and goal.to not in samples:
            yield {'goal': goal.describe(), 'actual': None, 'met': None}
            continue
        if goal.to is not None:
            actual = get_ratio(samples, goal.program, goal.to, goal.figure)
        else:
            actual = medians[goal.program][goal.figure]
        yield {'goal': goal.describe(), 'actual': format_actual(goal, actual), 'met': actual <= goal.maximum}


def format_actual(goal, actual):
    if goal.to is not None:
        return f'{actual:.3f}'
    return f'{actual / MIB:.1f} MB' if goal.figure == 'rss' else f'{actual * 1000:.1f} ms'


def describe_met(met):
    return {True: 'met', False: 'MISSED', None: 'not checked, a program is missing'}[met]


def format_amount(seconds, units):
    each = seconds / units
    return f'{each * 1e3:.3f} ms' if each >= 1e-3 else f'{each * 1e6:.2f} us'


def print_scenario(result):
    connections = f'; {result["connections"]} connections' if result['connections'] is not None else ''
    print(f'\n{result["name"]} ({result["units"]:,} × {result["unit"]}{connections})')
    for program, medians in result['programs'].items():
        line = (f'  {program:16} CPU {format_amount(medians["cpu"], result["units"]):>10} each, wall {medians["wall"]:7.3f} s, '
                f'RSS {medians["rss"] / MIB:6.1f} MB')
        if program in result['ratios']:
            line += f' | ours/{program}: ' + ', '.join(f'{figure} {result["ratios"][program][figure]:.3f}' for figure in FIGURES)
        print(line)
    for goal in result['goals']:
        actual = f'{goal["actual"]}, ' if goal['actual'] is not None else ''
        print(f'  goal: {goal["goal"]}: {actual}{describe_met(goal["met"])}')
    print(end='', flush=True)


def print_memory_of_streams(results):
    """What each of many streams adds to the peak memory of a program with one."""
    peaks = {result['name']: result['programs'] for result in results}
    for name, programs in peaks.items():
        count, _, mode = name.partition(' streams ')
        alone = peaks.get(f'1 streams {mode}')
        if alone is not None and count != '1':
            each = (f'{program} {(programs[program]["rss"] - alone[program]["rss"]) / (int(count) - 1) / 1024:.0f} KB'
                    for program in programs)
            print(f'  memory a stream, {name}: {", ".join(each)}')


def print_counts(counts):
    """Returns whether all are below their maximum."""
    good = True
    for what, of_scenarios in counts.items():
        for name, (actual, maximum) in of_scenarios.items():
            met = maximum is None or actual <= maximum
            good = good and met
            goal = f' (at most {maximum:,}: {describe_met(met)})' if maximum is not None else ''
            print(f'  {what}, {name}: {actual:,.2f}{goal}')
    return good


def format_table(results):
    """A row for each scenario: CPU time per unit and peak memory of each program."""
    programs = list(dict.fromkeys(program for result in results for program in result['programs']))
    yield '| scenario | ' + ' | '.join(programs) + ' |'
    yield '|---' * (len(programs) + 1) + '|'
    for result in results:
        cells = []
        for program in programs:
            medians = result['programs'].get(program)
            cells.append('–' if medians is None else
                         f'{format_amount(medians["cpu"], result["units"]).replace("us", "µs")}, {medians["rss"] / MIB:.0f} MB')
        yield f'| {result["name"]} | ' + ' | '.join(cells) + ' |'


def format_goals(results):
    yield '| scenario | goal | measured | |'
    yield '|---|---|---|---|'
    for result in results:
        for goal in result['goals']:
            yield f'| {result["name"]} | {goal["goal"].replace("<=", "≤")} | {goal["actual"] or "–"} | {describe_met(goal["met"])} |'


def format_markdown(results):
    return '\n'.join([*format_table(results), '', *format_goals(results)]) + '\n'
