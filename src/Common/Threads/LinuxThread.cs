using System.Runtime.InteropServices;

namespace Deucalion.Common.Threads;

/// <summary>What .NET does not offer for threads on Linux.</summary>
public static partial class LinuxThread
{
    private const int PrioProcess = 0;

    /// <summary>
    /// Lets the calling thread step back behind others by so many nice levels, for good. False where the system refuses, which only means that
    /// it does not step back.
    /// </summary>
    public static bool TryStepBack(int niceLevels)
    {
        try
        {
            // To Linux a process number of 0 is the calling thread.
            return OperatingSystem.IsLinux() && SetPriority(PrioProcess, 0, niceLevels) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int priority);
}
