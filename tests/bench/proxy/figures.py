# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of proxies as text and as tables, and the goals."""

MIB = 1024 * 1024
KIB = 1024

# The maximum of the CPU time of a request, as a ratio to another proxy.
CPU_GOALS = {'http-proxy': 1.3, 'portkey': 0.15, 'litellm': 0.05}
CPU_SCENARIOS = ('completion 64', 'stream 64')
MEMORY_GOAL = (20 * MIB, 40 * KIB)  # and for each stream
LATENCY_SCENARIO = 'completion at 1,000/s'
LATENCY_GOAL = 1000  # microseconds more than without a proxy, of 99 % of the requests


def print_scenario(name, result, failed):
    print(f'\n{name}')
    for proxy, figures in result.items():
        added = ''
        if 'direct' in result and proxy != 'direct':
            added = ', added ' + ', '.join(f'{what} {figures[what] - result["direct"][what]:.0f} us' for what in ('p50', 'p99'))
        print(f'  {proxy:11} {figures["rate"]:9,.0f} requests/s, CPU {figures["cpu"]:8.1f} us, p50 {figures["p50"]:8.0f} us, '
              f'p99 {figures["p99"]:8.0f} us{added}, RSS {figures["rss"] / MIB:.1f} MB')
    if 'ratios' in result.get('ours', {}):
        print('  CPU of ours: ' + ', '.join(f'{ratio:.3f} of {proxy}' for proxy, ratio in result['ours']['ratios'].items()))
    for proxy, reason in failed.items():
        print(f'  {proxy:11} FAILED: {reason}')
    print(end='', flush=True)


def format_memory(figures):
    if 'failed' in figures:
        return f'failed: {figures["failed"]}'
    return f'{figures["rss"] / MIB:.1f} MB (PSS {figures["pss"] / MIB:.1f})'


def print_memory(proxy, memory):
    print(f'memory of {proxy}: ' + ', '.join(f'{count} streams {format_memory(figures)}' for count, figures in memory.items()), flush=True)


def check_goals(scenarios, memory):
    """Returns (what, goal, actual, met) for each."""
    goals = []
    for name in CPU_SCENARIOS:
        for proxy, maximum in CPU_GOALS.items():
            result = scenarios.get(name, {})
            if proxy in result.get('ours', {}).get('ratios', {}):
                ratio = result['ours']['ratios'][proxy]
                goals.append((name, f'CPU <= {maximum:g} of {proxy}', f'{ratio:.3f}', ratio <= maximum))
    result = scenarios.get(LATENCY_SCENARIO, {})
    if 'ours' in result and 'direct' in result:
        added = result['ours']['p99'] - result['direct']['p99']
        goals.append((LATENCY_SCENARIO, f'p99 <= {LATENCY_GOAL / 1000:g} ms added', f'{added / 1000:.3f} ms', added <= LATENCY_GOAL))
    for count, figures in memory.get('ours', {}).items():
        maximum = MEMORY_GOAL[0] + count * MEMORY_GOAL[1]
        actual = figures.get('rss')
        goals.append((f'{count} streams', f'RSS <= {maximum / MIB:.1f} MB', format_memory(figures), actual is not None and actual <= maximum))
    return goals


def describe_met(met):
    return 'met' if met else 'MISSED'


def print_goals(goals):
    print()
    for name, goal, actual, met in goals:
        print(f'goal: {name}: {goal}: {actual}, {describe_met(met)}')


def format_scenario(name, result):
    yield f'| {name} | requests/s | CPU | p50 | p99 | memory |'
    yield '|---|---|---|---|---|---|'
    for proxy, figures in result.items():
        cpu = f'{figures["cpu"]:.0f} µs' if proxy != 'direct' else '–'
        memory = f'{figures["rss"] / MIB:.0f} MB' if proxy != 'direct' else '–'
        yield f'| {proxy} | {figures["rate"]:,.0f} | {cpu} | {figures["p50"] / 1000:.2f} ms | {figures["p99"] / 1000:.2f} ms | {memory} |'
    yield ''


def format_markdown(result):
    lines = []
    for name, figures in result['scenarios'].items():
        lines += format_scenario(name, figures)
    if result['memory']:
        counts = list(next(iter(result['memory'].values())))
        lines += ['| memory | ' + ' | '.join(f'{count} streams' for count in counts) + ' |', '|---' * (len(counts) + 1) + '|']
        lines += [f'| {proxy} | ' + ' | '.join(format_memory(figures) for figures in memory.values()) + ' |'
                  for proxy, memory in result['memory'].items()]
        lines.append('')
    lines += ['| scenario | goal | measured | |', '|---|---|---|---|']
    lines += [f'| {name} | {goal.replace("<=", "≤")} | {actual} | {describe_met(met)} |' for name, goal, actual, met in result['goals']]
    return '\n'.join(lines) + '\n'
