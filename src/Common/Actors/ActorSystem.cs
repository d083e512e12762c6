using Microsoft.Extensions.Logging;

namespace Deucalion.Common.Actors;

/// <summary>The actors of a process: makes them, hears of those that gave up, stops them in the reverse order of their making. Thread-safe.</summary>
public sealed partial class ActorSystem
{
    private readonly Stack<Func<CancellationToken, Task>> _stops = new();
    private readonly TaskCompletionSource<Exception> _escalated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger<ActorSystem> _logger;

    /// <summary>A system without actors.</summary>
    public ActorSystem(TimeProvider time, ActorMetrics metrics, ILogger<ActorSystem> logger)
    {
        Time = time;
        Metrics = metrics;
        _logger = logger;
    }

    /// <summary>Completes with the failure of the first actor that gave up: its partition, or the node, must not pretend to be healthy.</summary>
    public Task<Exception> Escalated => _escalated.Task;

    internal TimeProvider Time { get; }

    internal ActorMetrics Metrics { get; }

    /// <summary>Makes an actor; <paramref name="factory"/> gives its behaviour, anew after each failure. It gets the actor's own address.</summary>
    public ActorRef<TMessage> Spawn<TMessage>(string kind, string name, Func<ActorRef<TMessage>, IActor<TMessage>> factory, ActorOptions options)
    {
        var actor = new ActorRef<TMessage>(this, kind, name, factory, options);
        lock (_stops)
        {
            _stops.Push(actor.StopAsync);
        }

        return actor;
    }

    /// <summary>Stops all actors one after the other, the youngest first, each in order (<see cref="ActorRef{TMessage}.StopAsync"/>).</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        while (true)
        {
            Func<CancellationToken, Task>? stop;
            lock (_stops)
            {
                if (!_stops.TryPop(out stop))
                {
                    return;
                }
            }

            try
            {
                await stop(patience);
            }
            catch (ActorStoppedException)
            {
                // It had given up before, and said so.
            }
        }
    }

    internal void Escalate(string kind, string name, Exception failure)
    {
        Log.GaveUp(_logger, kind, name, failure);
        _escalated.TrySetResult(failure);
    }

    internal void Restarting(string kind, string name, Exception failure) => Log.Restarts(_logger, kind, name, failure);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Actor {Kind} {Name} failed and starts anew")]
        public static partial void Restarts(ILogger logger, string kind, string name, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "Actor {Kind} {Name} gave up")]
        public static partial void GaveUp(ILogger logger, string kind, string name, Exception exception);
    }
}
