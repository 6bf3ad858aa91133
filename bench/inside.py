"""The row `inside`: a collision while the environment acts, against QuTiP's mesolve."""
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

LEVELS, COLLISIONS, KAPPA, N_TH, Q = 60, 3, 1e-3, 0.1, 0.25
TARGET, ACCURACY = 500, 1e-8


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


def row(tools):
    def run(repeats, peak):
        lines = tools.by_turns(max(3, repeats // 2), lambda: tools.peer("mesolve", LEVELS, COLLISIONS),
                               lambda: tools.ours("inside", LEVELS, COLLISIONS))
        truth = reference()
        base = tools.Times([line["seconds_per_collision"] for line in lines["qutip-mesolve"]])
        rows = []
        for who, samples in lines.items():
            times = tools.Times([line["seconds_per_collision"] for line in samples])
            off = max(tools.relative(line["energy"], truth) for line in samples)
            mine, ratio = who == "umaser", base.median / times.median
            if mine and off > ACCURACY:
                rows.append([who, f"wrong by {off:.1e}: no time", "-", "-", f"{off:.1e}"])
                continue
            verdict = f" (target {TARGET}: {'met' if ratio >= TARGET else 'MISSED'})" if mine else ""
            setup = tools.Times([line["setup_seconds"] for line in samples]) if mine else "-"
            rows.append([who, times, f"{ratio:.3g}{verdict}", setup, f"{off:.1e}"])
        version = lines["qutip-mesolve"][0]["version"]
        return tools.table(
            f"The environment acting during the collision, N = {LEVELS}", "./do bench inside",
            ["contestant", "time per collision (spread)", "times faster", "set-up, once", "difference"], rows,
            f"kappa tau = {KAPPA:g}, n_th = {N_TH:g}, theta = 1, q = 1/4, c = 1. QuTiP {version}, atol 1e-10, rtol "
            "1e-8, from the vacuum. Ours: one collision of a state that fills all levels and orders, with "
            "outgoing atom, heat and error bound. Compared: the energy after "
            f"{COLLISIONS} collisions from the vacuum with scipy's expm_multiply.")
    return run
