using System.Diagnostics.Metrics;

namespace Deucalion.Common.Actors;

/// <summary>What actors measure, by kind.</summary>
public sealed class ActorMetrics
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _restarts;
    private readonly UpDownCounter<long> _waiting;
    private readonly UpDownCounter<long> _alive;

    /// <summary>Creates the instruments.</summary>
    public ActorMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Actors");
        _messages = meter.CreateCounter<long>("deucalion_actor_messages_total", null, "Messages handled.");
        _failures = meter.CreateCounter<long>("deucalion_actor_failures_total", null, "Messages whose handling failed.");
        _restarts = meter.CreateCounter<long>("deucalion_actor_restarts_total", null, "Restarts after a failure.");
        _waiting = meter.CreateUpDownCounter<long>("deucalion_actor_mailbox_messages", null, "Messages waiting in mailboxes.");
        _alive = meter.CreateUpDownCounter<long>("deucalion_actors", null, "Actors alive.");
    }

    internal void Handled(in KeyValuePair<string, object?> kind) => _messages.Add(1, kind);

    internal void Failed(in KeyValuePair<string, object?> kind) => _failures.Add(1, kind);

    internal void Restarted(in KeyValuePair<string, object?> kind) => _restarts.Add(1, kind);

    internal void Waiting(int change, in KeyValuePair<string, object?> kind) => _waiting.Add(change, kind);

    internal void Alive(int change, in KeyValuePair<string, object?> kind) => _alive.Add(change, kind);
}
