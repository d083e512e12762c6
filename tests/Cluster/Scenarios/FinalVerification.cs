using Deucalion.Cluster.Load;

namespace Deucalion.Cluster.Scenarios;

/// <summary>What has to hold once the load has ended and nothing is broken any more.</summary>
internal sealed class FinalVerification(ScenarioParts parts, ScenarioRun run)
{
    private const int StepsPerQuestion = 500;

    /// <summary>Every node answers with every acknowledged sample.</summary>
    public async Task EverythingIsThereAsync()
    {
        foreach (var node in parts.Cluster.Nodes)
        {
            var questions = new Queue<(int Sender, long First, long End)>(parts.Load.Views.SelectMany(Questions));
            await run.UntilAsync(
                async () =>
                {
                    while (questions.TryPeek(out var q))
                    {
                        if (!await parts.NodeChecker.CheckAsync(node.Name, node.Url, q.Sender, q.First, q.End, points: false, CancellationToken.None))
                        {
                            return $"not for steps {q.First} to {q.End} of sender {q.Sender}";
                        }

                        questions.Dequeue();
                    }

                    return null;
                },
                parts.Times.Agreement,
                $"{node.Name} answers for everything");
        }
    }

    /// <summary>All replicas have applied the same records and hold the same.</summary>
    public Task ReplicasAgreeAsync() => run.UntilAnsweredAsync(
        async () => (await parts.ReadStateAsync(withDigests: true)).Disagreement(),
        parts.Times.Agreement,
        "replicas are equal");

    /// <summary>Every node holds what Prometheus holds; returns the number of samples that were compared.</summary>
    public async Task<long> PrometheusAgreesAsync()
    {
        if (parts.Prometheus is null)
        {
            return 0;
        }

        await parts.Prometheus.DrainAsync(parts.Times.Agreement);
        var samples = 0L;
        foreach (var node in parts.Cluster.Nodes)
        {
            var (difference, compared) = await parts.Prometheus.CompareAsync(node.Url);
            if (difference is not null)
            {
                throw new ScenarioFailedException(difference);
            }

            samples += compared;
        }

        return samples;
    }

    private static IEnumerable<(int Sender, long First, long End)> Questions(LedgerView view)
    {
        for (var first = 0L; first < view.Sent; first += StepsPerQuestion)
        {
            yield return (view.Sender, first, Math.Min(first + StepsPerQuestion, view.Sent));
        }
    }
}
