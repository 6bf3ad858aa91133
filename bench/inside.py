"""The row `inside`: a collision while the environment acts, against QuTiP's mesolve."""
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

import measure
from measure import Ratio, Times

LEVELS, COLLISIONS, KAPPA, N_TH, Q = 60, 3, 1e-3, 0.1, 0.25
TARGET = 500


def reference():
    """Energy after the collisions: the exponential of the sparse joint generator acting on the state."""
    size = 2 * LEVELS
    a = sp.kron(sp.diags(np.sqrt(np.arange(1, LEVELS)), 1), sp.identity(2), format="csr")
    lower = sp.kron(sp.identity(LEVELS), sp.csr_matrix([[0, 1], [0, 0]]), format="csr")  # order g, e
    h = a @ lower.T + a.T @ lower
    one = sp.identity(size)
    generator = -1j * (sp.kron(h, one) - sp.kron(one, h.T))
    for rate, jump in ((KAPPA * (N_TH + 1), a), (KAPPA * N_TH, a.T)):
        product = jump.T @ jump
        generator = generator + rate * (sp.kron(jump, jump) - sp.kron(product, one) / 2 - sp.kron(one, product.T) / 2)
    generator = generator.tocsr()
    coherence = np.sqrt(Q * (1 - Q))
    atom = np.array([[Q, coherence], [coherence, 1 - Q]])
    rho = np.zeros((LEVELS, LEVELS), complex)
    rho[0, 0] = 1
    for _ in range(COLLISIONS):
        joint = expm_multiply(generator, np.kron(rho, atom).ravel())
        rho = np.trace(joint.reshape(LEVELS, 2, LEVELS, 2), axis1=1, axis2=3)
    return float(np.real(np.diag(rho)) @ np.arange(LEVELS))


def measured(settings):
    lines = measure.by_turns(max(1, settings.repeats // 2), lambda: measure.peer("mesolve", LEVELS, COLLISIONS),
                             lambda: measure.ours("inside", LEVELS, COLLISIONS))
    truth, base, rows = reference(), None, []
    for who, samples in lines.items():
        times = Times([line["seconds_per_collision"] for line in samples])
        off = max(measure.relative(line["energy"], truth) for line in samples)
        base = base or times
        ratio, mine = Ratio(base, times), who == "umaser"
        if mine and off > measure.TOLERANCE:
            rows.append([who, measure.wrong(off), "-", "-", "-", f"{off:.1e}"])
            continue
        setup = Times([line["setup_seconds"] for line in samples]) if mine else "-"
        rows.append([who, times, ratio, measure.at_least(ratio, TARGET) if mine else "", setup, f"{off:.1e}"])
    return measure.section(
        f"{rows[-1][2]} times faster than QuTiP's mesolve",
        measure.table(["contestant", "time per collision (spread)", "times faster (spread)", "target", "set-up, once",
                       "difference"], rows),
        f"kappa tau = {KAPPA:g}, n_th = {N_TH:g}, theta = 1, q = 1/4, c = 1. QuTiP {lines['qutip-mesolve'][0]['version']}, "
        "atol 1e-10, rtol 1e-8, from the vacuum: its time is shown although its answer is that far off. Ours: one collision "
        "of a state that fills all levels and orders, with outgoing atom, heat and error bound. Compared: the energy "
        f"after {COLLISIONS} collisions from the vacuum with scipy's expm_multiply.")
