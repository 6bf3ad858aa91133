"""Contestants beside the fixed ones of peers.py, each as QuTiP users write it. One thread.
usage: other_peers.py grid N COLLISIONS THETA Q AT    one point of a sweep, c = 1
       other_peers.py wigner|husimi N POINTS RANGE    of the state that fills all levels and orders
       other_peers.py film N POINTS RANGE THETA COLLISIONS    a Wigner function on the way, c = 1
       other_peers.py spectrum N    LAPACK's eigenvalues of a full real symmetric matrix
Prints JSON lines."""
import json
import sys
import time

import numpy as np
import qutip as qt

import peers
import references


def out(**result):
    print(json.dumps(dict(version=qt.__version__, **result)))


def grid(levels, collisions, theta, q, at):
    """Energy after every collision, ergotropy and purity after one of them."""
    a, n = qt.destroy(levels), qt.num(levels)
    exchange = qt.tensor(a, qt.create(2)) + qt.tensor(a.dag(), qt.destroy(2))
    u = (-1j * theta * exchange).expm()
    back, s = u.dag(), np.sqrt(q * (1 - q))
    atom = qt.Qobj(np.array([[q, s], [s, 1 - q]]))
    rho, energies, found = qt.ket2dm(qt.basis(levels, 0)), [], {}
    start = time.process_time()
    for k in range(collisions):
        rho = (u * qt.tensor(rho, atom) * back).ptrace(0)
        energies.append(qt.expect(n, rho))
        if k + 1 == at:
            weights, _ = rho.eigenstates()
            passive = np.sort(weights)[::-1] @ np.arange(levels)
            found = dict(energy=float(energies[-1]), ergotropy=float(energies[-1] - passive),
                         purity=float(rho.purity()))
    out(contestant="qutip", seconds=time.process_time() - start, last=float(energies[-1]), **found)


def phase_space(what, rho, points, span):
    x = np.linspace(-span, span, points)
    start = time.perf_counter()
    if what == "husimi":
        values = qt.qfunc(qt.Qobj(rho), x, x, g=np.sqrt(2))
    else:
        values = qt.wigner(qt.Qobj(rho), x, x, g=np.sqrt(2), method="clenshaw")
    seconds = time.perf_counter() - start
    out(contestant="qutip-full", seconds_per_collision=seconds, maximum=float(values.max()),
        checksum=references.checksum(values))


def film(levels, points, span, theta, collisions):
    """The frame after so many collisions from the vacuum."""
    rho = references.vacuum(levels)
    operators = peers.kraus(levels, theta, "cavity")
    for _ in range(collisions):
        rho = sum(k @ rho @ k.conj().T for k in operators)
    phase_space("wigner", rho, points, span)


def spectrum(levels):
    """LAPACK alone: eigenvalues of a full real symmetric matrix."""
    matrix = np.random.default_rng(1).standard_normal((levels, levels))
    matrix = matrix + matrix.T
    for _ in range(11):
        start = time.perf_counter()
        for _ in range(10):
            np.linalg.eigvalsh(matrix)
        out(contestant="lapack", seconds_per_collision=(time.perf_counter() - start) / 10)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    numbers = [float(text) for text in rest]
    if what == "grid":
        grid(int(rest[0]), int(rest[1]), *numbers[2:4], int(rest[4]))
    elif what in ("wigner", "husimi"):
        phase_space(what, references.full_state(int(rest[0])), int(rest[1]), numbers[2])
    elif what == "film":
        film(int(rest[0]), int(rest[1]), *numbers[2:4], int(rest[4]))
    elif what == "spectrum":
        spectrum(int(rest[0]))
    else:
        sys.exit(__doc__)
