using Microsoft.Extensions.Logging;

namespace Deucalion.Common.Actors;

/// <summary>The actors of a process: makes them, hears of those that gave up, stops them in the reverse order of their making. Thread-safe.</summary>
public sealed partial class ActorSystem
{
    private readonly SortedDictionary<long, Func<CancellationToken, Task>> _alive = [];
    private readonly TaskCompletionSource<Exception> _escalated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger<ActorSystem> _logger;
    private long _made;

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
        long number;
        lock (_alive)
        {
            number = ++_made;
            _alive.Add(number, actor.StopAsync);
        }

        // An actor that has stopped is forgotten, whoever stopped it.
        _ = actor.Completion.ContinueWith(_ => Forget(number), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return actor;
    }

    /// <summary>Stops all actors one after the other, the youngest first, each in order (<see cref="ActorRef{TMessage}.StopAsync"/>).</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        while (true)
        {
            long number;
            Func<CancellationToken, Task> stop;
            lock (_alive)
            {
                if (_alive.Count == 0)
                {
                    return;
                }

                (number, stop) = _alive.Last();
            }

            try
            {
                await stop(patience);
            }
            catch (ActorStoppedException)
            {
                // It had given up before, and said so.
            }

            Forget(number);
        }
    }

    internal void Escalate(string kind, string name, Exception failure)
    {
        Log.GaveUp(_logger, kind, name, failure);
        _escalated.TrySetResult(failure);
    }

    internal void Restarting(string kind, string name, Exception failure) => Log.Restarts(_logger, kind, name, failure);

    private void Forget(long number)
    {
        lock (_alive)
        {
            _alive.Remove(number);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Actor {Kind} {Name} failed and starts anew")]
        public static partial void Restarts(ILogger logger, string kind, string name, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "Actor {Kind} {Name} gave up")]
        public static partial void GaveUp(ILogger logger, string kind, string name, Exception exception);
    }
}
