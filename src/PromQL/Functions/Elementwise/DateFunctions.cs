namespace Deucalion.PromQL.Functions.Elementwise;

/// <summary>Parts of a date in UTC.</summary>
internal static class DateFunctions
{
    private const long DaysTo1970 = 719_468;

    /// <summary>Year, month from 1 and day from 1 of a day counted from 1970, for any year.</summary>
    public static (long Year, int Month, int Day) Civil(long day)
    {
        // Days are counted in eras of 400 years that begin on 1 March, so that leap days come last.
        day += DaysTo1970;
        var era = FloorDivide(day, 146_097);
        var dayOfEra = (int)(day - (era * 146_097));
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var month = shifted < 10 ? shifted + 3 : shifted - 9;
        var year = (era * 400) + yearOfEra + (month <= 2 ? 1 : 0);
        return (year, month, dayOfYear - (((153 * shifted) + 2) / 5) + 1);
    }

    /// <summary>The day from 1970 that a time in seconds lies in, and the second of that day.</summary>
    public static (long Day, long Second) Split(double seconds)
    {
        // Out of range and NaN become the smallest integer, as on the processors that Prometheus is known from.
        var whole = seconds is >= -9.2233720368547758e18 and < 9.2233720368547758e18 ? (long)seconds : long.MinValue;
        var day = FloorDivide(whole, 86_400);
        return (day, whole - (day * 86_400));
    }

    public static bool IsLeap(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(long year, int month) => month switch
    {
        2 => IsLeap(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Day from 1970 of 1 January.</summary>
    public static long NewYear(long year)
    {
        var before = year - 1;
        return (365 * before) + FloorDivide(before, 4) - FloorDivide(before, 100) + FloorDivide(before, 400) - 719_162;
    }

    public static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}

/// <summary>minute</summary>
internal readonly struct Minute : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Split(value).Second / 60 % 60;
}

/// <summary>hour</summary>
internal readonly struct Hour : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Split(value).Second / 3600;
}

/// <summary>day_of_week, Sunday 0</summary>
internal readonly struct DayOfWeek : IFloatFunction
{
    public static double Apply(double value)
    {
        var day = DateFunctions.Split(value).Day + 4;
        return day - (DateFunctions.FloorDivide(day, 7) * 7);
    }
}

/// <summary>day_of_month from 1</summary>
internal readonly struct DayOfMonth : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(DateFunctions.Split(value).Day).Day;
}

/// <summary>day_of_year from 1</summary>
internal readonly struct DayOfYear : IFloatFunction
{
    public static double Apply(double value)
    {
        var day = DateFunctions.Split(value).Day;
        return day - DateFunctions.NewYear(DateFunctions.Civil(day).Year) + 1;
    }
}

/// <summary>days_in_month</summary>
internal readonly struct DaysInMonth : IFloatFunction
{
    public static double Apply(double value)
    {
        var (year, month, _) = DateFunctions.Civil(DateFunctions.Split(value).Day);
        return DateFunctions.DaysInMonth(year, month);
    }
}

/// <summary>month from 1</summary>
internal readonly struct Month : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(DateFunctions.Split(value).Day).Month;
}

/// <summary>year</summary>
internal readonly struct Year : IFloatFunction
{
    public static double Apply(double value) => DateFunctions.Civil(DateFunctions.Split(value).Day).Year;
}
