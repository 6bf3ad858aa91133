#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>

#include "linalg/kernels/linalg_kernels.h"

static CBLAS_TRANSPOSE transpose(char op)
{
    return op == 'N' ? CblasNoTrans : op == 'T' ? CblasTrans : CblasConjTrans;
}

void umi_linalg_dgemm(char transa, char transb, int m, int n, int k, double alpha, const double *a,
                      int lda, const double *b, int ldb, double beta, double *c, int ldc)
{
    cblas_dgemm(CblasColMajor, transpose(transa), transpose(transb), m, n, k, alpha, a, lda, b, ldb,
                beta, c, ldc);
}

void umi_linalg_zgemm(char transa, char transb, int m, int n, int k, double _Complex alpha,
                      const double _Complex *a, int lda, const double _Complex *b, int ldb,
                      double _Complex beta, double _Complex *c, int ldc)
{
    cblas_zgemm(CblasColMajor, transpose(transa), transpose(transb), m, n, k, &alpha, a, lda, b,
                ldb, &beta, c, ldc);
}

void umi_linalg_reject(size_t size, int basis_count, const double *basis, int count,
                       double *columns, double *coefficients)
{
    if (basis_count == 0) return;
    umi_block_kernels_choose()->reject(size, basis_count, basis, count, columns, coefficients,
                                       coefficients + (size_t)basis_count * (size_t)count);
}

double umi_linalg_norm(size_t size, const double *x)
{
    return sqrt(cblas_ddot((int)size, x, 1, x, 1));
}
