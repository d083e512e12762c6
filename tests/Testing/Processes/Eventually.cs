namespace Deucalion.Testing.Processes;

/// <summary>Waits for conditions, never for time alone.</summary>
public static class Eventually
{
    /// <summary>Asks until the answer is yes; fails with <paramref name="what"/> after the limit.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, Func<string> what)
    {
        var deadline = DateTime.UtcNow + limit;
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"not within {limit}: {what()}");
            }

            await Task.Delay(50);
        }
    }
}
