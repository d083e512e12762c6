using Deucalion.Cluster.Load;

namespace Deucalion.Cluster.Checking;

/// <summary>Asks a node for samples of a sender and judges the answer. Counts; thread-safe.</summary>
internal sealed class AnswerChecker(ClusterClient client, LoadGenerator load, RunClock clock)
{
    private readonly AnswerJudge _judge = new(load.Options, load.StartMilliseconds);
    private readonly Lock _lock = new();
    private readonly List<string> _violations = [];
    private readonly SortedDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private int _complete;
    private int _unanswered;

    /// <summary>What no answer may be, oldest first.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_lock)
            {
                return [.. _violations];
            }
        }
    }

    /// <summary>Answers that were right and whole.</summary>
    public int Complete => Volatile.Read(ref _complete);

    /// <summary>Questions without an answer.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Errors that are allowed while something is broken, by node and text.</summary>
    public IReadOnlyDictionary<string, int> Errors
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<string, int>(_errors);
            }
        }
    }

    /// <summary>Asks whoever listens at <paramref name="url"/> once; true for a right and whole answer.</summary>
    public async Task<bool> CheckAsync(string name, Uri url, int sender, long first, long end, bool points, CancellationToken cancellationToken)
    {
        var before = load.ViewOf(sender);
        var asked = clock.Now;
        var answer = points
            ? await client.PointsAsync(url, load, sender, first, end, cancellationToken)
            : await client.SamplesAsync(url, load, sender, first, end, cancellationToken);
        var after = load.ViewOf(sender);
        switch (answer)
        {
            case Answer.Data data:
                var wrong = points ? _judge.Points(data.Json, before, after, first, end) : _judge.Samples(data.Json, before, after, first, end);
                Note(name, asked, wrong);
                Interlocked.Increment(ref _complete);
                return wrong.Count == 0;
            case Answer.Error error:
                Note(name, asked, ErrorJudge.Judge(error) is { } text ? [text] : []);
                lock (_lock)
                {
                    var key = $"{name}: {error.Status} {error.Body}";
                    _errors[key] = _errors.GetValueOrDefault(key) + 1;
                }

                return false;
            default:
                Interlocked.Increment(ref _unanswered);
                return false;
        }
    }

    private void Note(string name, TimeSpan asked, IReadOnlyList<string> wrong)
    {
        lock (_lock)
        {
            _violations.AddRange(wrong.Select(w => $"{name}, asked at {asked.TotalSeconds:F3} s, answered at {clock.Now.TotalSeconds:F3} s: {w}"));
        }
    }
}
