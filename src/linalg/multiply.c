#include "linalg/linalg.h"

#include <cblas.h>

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
