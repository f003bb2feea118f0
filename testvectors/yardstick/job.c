//go:build yardstick

#include "job.h"

int job_prepare(struct job *j)
{
	return j->operation->prepare(j);
}

int job_run(struct job *j, uint64_t times)
{
	for (uint64_t t = 0; t < times; t++)
		if (!j->operation->once(j))
			return 0;
	return 1;
}

void job_finish(struct job *j)
{
	j->operation->finish(j);
}
